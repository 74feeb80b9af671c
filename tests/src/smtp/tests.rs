use super::*;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

const SOON: Duration = Duration::from_secs(10);

struct Client(BufReader<TcpStream>);

impl Client {
    async fn connect(server: &SmtpServer) -> Self {
        Self(BufReader::new(TcpStream::connect(server.address()).await.unwrap()))
    }

    /// The last line of a reply; empty where the server closed.
    async fn reply(&mut self) -> String {
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).await.unwrap();
            if line.as_bytes().get(3) != Some(&b'-') {
                return line.trim_end().to_owned();
            }
        }
    }

    /// Sends a line and answers the reply's code.
    async fn ask(&mut self, line: &str) -> String {
        self.0.write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
        self.reply().await.chars().take(3).collect()
    }

    async fn greeted(server: &SmtpServer) -> Self {
        let mut client = Self::connect(server).await;
        assert!(client.reply().await.starts_with("220 "));
        assert_eq!(client.ask("EHLO client.example").await, "250");
        client
    }

    /// A whole transaction; the codes of its four replies, up to the first that isn't positive.
    async fn deliver(&mut self) -> Vec<String> {
        let mut codes = Vec::new();
        for line in ["MAIL FROM:<a@example.org>", "RCPT TO:<b@example.org>", "DATA", "Subject: x\r\n\r\nhello\r\n."] {
            codes.push(self.ask(line).await);
            if codes.last().is_none_or(|code| !code.starts_with(['2', '3'])) {
                break;
            }
        }
        codes
    }
}

#[tokio::test]
async fn a_message_is_kept_with_its_envelope_and_its_dots() {
    let server = SmtpServer::start().await.unwrap();
    let mut client = Client::greeted(&server).await;
    assert_eq!(client.ask("mail from:<> BODY=8BITMIME smtputf8").await, "250");
    assert_eq!(client.ask("rcpt to:<b@example.org>").await, "250");
    assert_eq!(client.ask("RCPT TO: <jürgen@example.org>").await, "250");
    assert_eq!(client.ask("DATA").await, "354");
    assert_eq!(client.ask("Subject: dots\r\n\r\n..one\r\nZürich\r\n.").await, "250");
    let messages = server.wait_for(1, SOON).await.unwrap();
    let expected = Received {
        from: String::new(),
        to: vec!["b@example.org".to_owned(), "jürgen@example.org".to_owned()],
        parameters: vec!["BODY=8BITMIME".to_owned(), "SMTPUTF8".to_owned()],
        raw: "Subject: dots\r\n\r\n.one\r\nZürich\r\n".as_bytes().to_vec(),
    };
    assert_eq!(messages, [expected]);
    assert_eq!(client.ask("QUIT").await, "221");
    assert_eq!(client.reply().await, "");
}

#[tokio::test]
async fn one_connection_carries_several_messages() {
    let server = SmtpServer::start().await.unwrap();
    let mut client = Client::greeted(&server).await;
    assert_eq!(client.deliver().await, ["250", "250", "354", "250"]);
    assert_eq!(client.ask("NOOP").await, "250");
    assert_eq!(client.deliver().await, ["250", "250", "354", "250"]);
    assert_eq!(server.wait_for(2, SOON).await.unwrap().len(), 2);
}

#[tokio::test]
async fn commands_out_of_order_and_unknown_ones_are_refused() {
    let server = SmtpServer::start().await.unwrap();
    let mut client = Client::connect(&server).await;
    client.reply().await;
    assert_eq!(client.ask("MAIL FROM:<a@example.org>").await, "503");
    assert_eq!(client.ask("EHLO x").await, "250");
    assert_eq!(client.ask("RCPT TO:<b@example.org>").await, "503");
    assert_eq!(client.ask("AUTH PLAIN AHgAeA==").await, "502");
    assert_eq!(client.ask("STARTTLS").await, "502");
    assert_eq!(client.ask("MAIL FROM:a@example.org").await, "501");
    assert_eq!(client.ask("MAIL FROM:<jürgen@example.org>").await, "553");
    assert_eq!(client.ask("MAIL FROM:<a@example.org> RET=FULL").await, "555");
    assert_eq!(client.ask("MAIL FROM:<a@example.org>").await, "250");
    assert_eq!(client.ask("RCPT TO:<jürgen@example.org>").await, "553");
    assert_eq!(client.ask("DATA").await, "503");
    assert_eq!(client.ask("RSET").await, "250");
    assert_eq!(client.ask("RCPT TO:<b@example.org>").await, "503");
    assert!(server.messages().is_empty());
}

#[tokio::test]
async fn a_planned_refusal_strikes_once_at_its_step_and_keeps_nothing() {
    let server = SmtpServer::start().await.unwrap();
    let steps = [(Step::Mail, 1), (Step::Recipient, 2), (Step::Data, 3), (Step::Message, 4)];
    for (step, replies) in steps {
        for (fault, code) in [(Fault::Reject4xx(step), "451"), (Fault::Reject5xx(step), "554")] {
            server.fail_next(fault);
            let codes = Client::greeted(&server).await.deliver().await;
            assert_eq!((codes.len(), codes.last().unwrap().as_str()), (replies, code), "{fault:?}");
        }
    }
    assert!(server.messages().is_empty());
    assert_eq!(Client::greeted(&server).await.deliver().await.last().unwrap(), "250");
}

#[tokio::test]
async fn a_refusal_at_the_greeting_closes() {
    let server = SmtpServer::start().await.unwrap();
    server.fail_next(Fault::Reject4xx(Step::Connect));
    let mut client = Client::connect(&server).await;
    assert!(client.reply().await.starts_with("421 "));
    assert_eq!(client.reply().await, "");
    server.fail_next(Fault::Reject5xx(Step::Hello));
    let mut client = Client::connect(&server).await;
    client.reply().await;
    assert_eq!(client.ask("EHLO x").await, "554");
}

#[tokio::test]
async fn a_connection_can_be_cut_at_every_step() {
    let server = SmtpServer::start().await.unwrap();
    server.fail_next(Fault::CloseAt(Step::Connect));
    assert_eq!(Client::connect(&server).await.reply().await, "");
    for (step, replies) in [(Step::Mail, 1), (Step::Recipient, 2), (Step::Data, 3), (Step::Message, 4)] {
        server.fail_next(Fault::CloseAt(step));
        let codes = Client::greeted(&server).await.deliver().await;
        assert_eq!((codes.len(), codes.last().unwrap().as_str()), (replies, ""), "{step:?}");
    }
    assert!(server.messages().is_empty());
}

#[tokio::test]
async fn a_lost_acknowledgement_keeps_the_message() {
    let server = SmtpServer::start().await.unwrap();
    server.fail_next(Fault::LoseAcknowledgement);
    assert_eq!(Client::greeted(&server).await.deliver().await, ["250", "250", "354", ""]);
    assert_eq!(server.messages().len(), 1);
}

#[tokio::test]
async fn a_lasting_fault_strikes_until_recovery() {
    let server = SmtpServer::start().await.unwrap();
    server.fail_always(Fault::Reject4xx(Step::Recipient));
    for _ in 0..3 {
        assert_eq!(Client::greeted(&server).await.deliver().await, ["250", "451"]);
    }
    server.recover();
    assert_eq!(Client::greeted(&server).await.deliver().await, ["250", "250", "354", "250"]);
}

#[tokio::test]
async fn a_hanging_server_answers_nothing_until_the_client_leaves() {
    let server = SmtpServer::start().await.unwrap();
    server.fail_next(Fault::HangAt(Step::Data));
    let mut client = Client::greeted(&server).await;
    client.ask("MAIL FROM:<a@example.org>").await;
    client.ask("RCPT TO:<b@example.org>").await;
    let silence = tokio::time::timeout(Duration::from_millis(50), client.ask("DATA")).await;
    assert!(silence.is_err());
    client.0.shutdown().await.unwrap();
    let mut rest = Vec::new();
    client.0.read_to_end(&mut rest).await.unwrap();
    assert!(rest.is_empty());
}

#[tokio::test]
async fn an_unfinished_message_is_not_kept() {
    let server = SmtpServer::start().await.unwrap();
    let mut client = Client::greeted(&server).await;
    for line in ["MAIL FROM:<a@example.org>", "RCPT TO:<b@example.org>", "DATA"] {
        client.ask(line).await;
    }
    client.0.write_all(b"Subject: half\r\n").await.unwrap();
    client.0.shutdown().await.unwrap();
    assert_eq!(client.reply().await, "");
    assert!(server.messages().is_empty());
}

#[tokio::test]
async fn waiting_for_a_message_that_never_comes_fails_at_the_deadline() {
    let server = SmtpServer::start().await.unwrap();
    let failure = server.wait_for(1, Duration::from_millis(20)).await.unwrap_err();
    assert!(failure.to_string().starts_with("0 of 1 messages"), "{failure}");
}

#[tokio::test]
async fn a_stopped_server_refuses_and_can_come_back_at_its_address() {
    let server = SmtpServer::start().await.unwrap();
    let address = server.address();
    let mut client = Client::greeted(&server).await;
    client.deliver().await;
    assert_eq!(server.stop().await.len(), 1);
    assert!(TcpStream::connect(address).await.is_err());
    let server = SmtpServer::start_at(address).await.unwrap();
    assert_eq!(Client::greeted(&server).await.deliver().await.last().unwrap(), "250");
}
