//! One client's conversation.

use super::{Fault, Received, Shared, Step, lock};
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

struct Conversation {
    reader: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
    shared: Arc<Shared>,
    greeted: bool,
    /// The transaction since `MAIL FROM`.
    draft: Option<Received>,
}

/// What to do after a step.
enum Next {
    GoOn,
    Hang,
    Close,
}

/// Whether a step may be taken.
enum Gate {
    Open,
    Shut(Next),
}

pub(super) async fn hold(stream: TcpStream, shared: Arc<Shared>) -> io::Result<()> {
    let (reader, writer) = stream.into_split();
    let reader = BufReader::new(reader);
    let mut conversation = Conversation { reader, writer, shared, greeted: false, draft: None };
    match conversation.talk().await? {
        Next::Hang => {
            tokio::io::copy(&mut conversation.reader, &mut tokio::io::sink()).await?;
        }
        Next::GoOn | Next::Close => {}
    }
    Ok(())
}

impl Conversation {
    async fn talk(&mut self) -> io::Result<Next> {
        match self.gate(Step::Connect).await? {
            Gate::Open => self.reply("220 localhost ESMTP").await?,
            // A server that refuses at once closes (RFC 5321, 3.1).
            Gate::Shut(Next::GoOn) => return Ok(Next::Close),
            Gate::Shut(next) => return Ok(next),
        }
        loop {
            let Some(line) = self.line().await? else { return Ok(Next::Close) };
            let Ok(line) = String::from_utf8(line) else {
                self.reply("500 5.5.2 not UTF-8").await?;
                continue;
            };
            let line = line.trim_end_matches(['\r', '\n']);
            lock(&self.shared.commands).push(line.to_owned());
            match self.command(line).await? {
                Next::GoOn => {}
                next => return Ok(next),
            }
        }
    }

    async fn command(&mut self, line: &str) -> io::Result<Next> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => self.hello("250-localhost\r\n250-8BITMIME\r\n250 SMTPUTF8").await,
            "HELO" => self.hello("250 localhost").await,
            "MAIL" => self.mail(rest).await,
            "RCPT" => self.recipient(rest).await,
            "DATA" => self.data().await,
            "RSET" => {
                self.draft = None;
                self.say("250 2.0.0 forgotten").await
            }
            "NOOP" => self.say("250 2.0.0 nothing done").await,
            "QUIT" => {
                self.reply("221 2.0.0 goodbye").await?;
                Ok(Next::Close)
            }
            _ => self.say("502 5.5.1 command not implemented").await,
        }
    }

    async fn hello(&mut self, welcome: &str) -> io::Result<Next> {
        if let Gate::Shut(next) = self.gate(Step::Hello).await? {
            return Ok(next);
        }
        self.greeted = true;
        self.draft = None;
        self.say(welcome).await
    }

    async fn mail(&mut self, rest: &str) -> io::Result<Next> {
        if !self.greeted || self.draft.is_some() {
            return self.say("503 5.5.1 out of order").await;
        }
        let Some((from, parameters)) = path(rest, "FROM:") else {
            return self.say("501 5.5.4 MAIL FROM:<address>").await;
        };
        let parameters: Vec<String> = parameters.split_whitespace().map(str::to_ascii_uppercase).collect();
        let known = |parameter: &String| matches!(parameter.as_str(), "SMTPUTF8" | "BODY=8BITMIME" | "BODY=7BIT");
        if !parameters.iter().all(known) {
            return self.say("555 5.5.4 parameter not known").await;
        }
        if !from.is_ascii() && !parameters.iter().any(|parameter| parameter == "SMTPUTF8") {
            return self.say("553 5.6.7 such an address needs SMTPUTF8").await;
        }
        if let Gate::Shut(next) = self.gate(Step::Mail).await? {
            return Ok(next);
        }
        self.draft = Some(Received { from: from.to_owned(), to: Vec::new(), parameters, raw: Vec::new() });
        self.say("250 2.1.0 sender noted").await
    }

    async fn recipient(&mut self, rest: &str) -> io::Result<Next> {
        let Some(draft) = &self.draft else { return self.say("503 5.5.1 out of order").await };
        let Some((to, "")) = path(rest, "TO:") else { return self.say("501 5.5.4 RCPT TO:<address>").await };
        if !to.is_ascii() && !draft.parameters.iter().any(|parameter| parameter == "SMTPUTF8") {
            return self.say("553 5.6.7 such an address needs SMTPUTF8").await;
        }
        if let Gate::Shut(next) = self.gate(Step::Recipient).await? {
            return Ok(next);
        }
        if let Some(draft) = &mut self.draft {
            draft.to.push(to.to_owned());
        }
        self.say("250 2.1.5 recipient noted").await
    }

    async fn data(&mut self) -> io::Result<Next> {
        if self.draft.as_ref().is_none_or(|draft| draft.to.is_empty()) {
            return self.say("503 5.5.1 out of order").await;
        }
        if let Gate::Shut(next) = self.gate(Step::Data).await? {
            return Ok(next);
        }
        self.reply("354 go ahead, end with a dot").await?;
        let mut raw = Vec::new();
        loop {
            let Some(line) = self.line().await? else { return Ok(Next::Close) };
            if line == b".\r\n" {
                break;
            }
            raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        let Some(mut message) = self.draft.take() else { return Ok(Next::Close) };
        message.raw = raw;
        match self.shared.fault_at(Step::Message) {
            None => {
                // Kept before it is acknowledged: whoever has seen the 250 finds the message.
                self.shared.messages.send_modify(|messages| messages.push(message));
                self.say("250 2.0.0 taken").await
            }
            Some(Fault::LoseAcknowledgement) => {
                self.shared.messages.send_modify(|messages| messages.push(message));
                Ok(Next::Close)
            }
            Some(fault) => self.strike(fault).await,
        }
    }

    /// Lets a planned fault strike at this step.
    async fn gate(&mut self, step: Step) -> io::Result<Gate> {
        match self.shared.fault_at(step) {
            None => Ok(Gate::Open),
            Some(fault) => self.strike(fault).await.map(Gate::Shut),
        }
    }

    async fn strike(&mut self, fault: Fault) -> io::Result<Next> {
        match fault {
            Fault::Reject4xx(Step::Connect) => self.say("421 4.3.2 not now").await,
            Fault::Reject4xx(_) => self.say("451 4.3.0 not now").await,
            Fault::Reject5xx(_) => self.say("554 5.7.1 not here").await,
            Fault::HangAt(_) => Ok(Next::Hang),
            Fault::CloseAt(_) | Fault::LoseAcknowledgement => Ok(Next::Close),
        }
    }

    async fn say(&mut self, reply: &str) -> io::Result<Next> {
        self.reply(reply).await?;
        Ok(Next::GoOn)
    }

    async fn reply(&mut self, reply: &str) -> io::Result<()> {
        self.writer.write_all(format!("{reply}\r\n").as_bytes()).await
    }

    /// A line with its end; `None` where the client has gone, also in the middle of one.
    async fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        self.reader.read_until(b'\n', &mut line).await?;
        Ok(line.ends_with(b"\n").then_some(line))
    }
}

/// `FROM:<address> PARAMETERS` as address and parameters.
fn path<'a>(rest: &'a str, keyword: &str) -> Option<(&'a str, &'a str)> {
    let head = rest.get(..keyword.len())?;
    let tail = rest.get(keyword.len()..)?.trim_start();
    let (address, parameters) = tail.strip_prefix('<')?.rsplit_once('>')?;
    head.eq_ignore_ascii_case(keyword).then_some((address, parameters.trim()))
}
