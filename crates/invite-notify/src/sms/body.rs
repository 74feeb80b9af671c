//! What is posted to a gateway: a template over `to`, `text` and `id`.
//!
//! Every value is escaped for the place it stands in, whatever the template does with it: nothing a person calls himself
//! ends a string or adds a field. The template is tried when it is loaded, on a text that attempts just that.

use super::{Sms, SmsError};
use minijinja::{Environment, Error, ErrorKind, Output, UndefinedBehavior, Value, context};
use std::fmt;
use url::form_urlencoded;
use zeroize::Zeroizing;

/// Steps a template may take.
const FUEL: u64 = 10_000;
/// Longest body, in octets.
const MAX_BODY: usize = 16 * 1024;
const NAME: &str = "body";

/// How a body is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Encoding {
    /// [RFC 8259](https://www.rfc-editor.org/rfc/rfc8259)
    Json,
    /// [`application/x-www-form-urlencoded`](https://url.spec.whatwg.org/#application/x-www-form-urlencoded)
    Form,
}

impl Encoding {
    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Form => "application/x-www-form-urlencoded",
        }
    }

    const fn template(self) -> &'static str {
        match self {
            Self::Json => r#"{"to": "{{ to }}", "text": "{{ text }}", "id": "{{ id }}"}"#,
            Self::Form => "to={{ to }}&text={{ text }}&id={{ id }}",
        }
    }

    fn escape(self, text: &str) -> Result<Zeroizing<String>, Error> {
        match self {
            Self::Json => {
                let quoted = serde_json::to_string(text).map_err(|_| Error::from(ErrorKind::WriteFailure))?;
                let quoted = Zeroizing::new(quoted);
                // The quotation marks stand in the template.
                Ok(Zeroizing::new(quoted[1..quoted.len() - 1].to_owned()))
            }
            Self::Form => Ok(Zeroizing::new(form_urlencoded::byte_serialize(text.as_bytes()).collect())),
        }
    }

    /// All values of a body, as its reader gets them; `None` where it is none.
    fn values(self, body: &str) -> Option<Vec<String>> {
        match self {
            Self::Json => {
                let mut values = Vec::new();
                collect(&serde_json::from_str(body).ok()?, &mut values);
                Some(values)
            }
            Self::Form => Some(form_urlencoded::parse(body.as_bytes()).map(|(_, value)| value.into_owned()).collect()),
        }
    }
}

fn collect(value: &serde_json::Value, values: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => values.push(text.clone()),
        serde_json::Value::Number(number) => values.push(number.to_string()),
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, values)),
        serde_json::Value::Object(members) => members.values().for_each(|member| collect(member, values)),
        serde_json::Value::Null | serde_json::Value::Bool(_) => {}
    }
}

/// A body's template, tried.
pub(super) struct Body {
    encoding: Encoding,
    environment: Environment<'static>,
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Body(…)")
    }
}

impl Body {
    /// Loads a template and tries it.
    pub(super) fn new(encoding: Encoding, template: Option<&str>) -> Result<Self, SmsError> {
        let mut environment = Environment::new();
        environment.set_debug(false);
        environment.set_fuel(Some(FUEL));
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // In place of the engine's own: it escapes what a template marked as safe, too.
        environment.set_formatter(move |out: &mut Output, _, value| write_escaped(encoding, out, value));
        let template = template.unwrap_or(encoding.template()).trim();
        environment.add_template_owned(NAME, template.to_owned()).map_err(|error| of_template(&error))?;
        let body = Self { encoding, environment };
        body.try_out()?;
        Ok(body)
    }

    /// The body of one message.
    pub(super) fn of(&self, sms: &Sms) -> Result<Zeroizing<String>, SmsError> {
        self.render(sms.to().as_str(), sms.expose(), &sms.message_id().to_string())
    }

    fn render(&self, to: &str, text: &str, id: &str) -> Result<Zeroizing<String>, SmsError> {
        let rendered = self
            .environment
            .get_template(NAME)
            .and_then(|template| template.render(context! { to, text, id }))
            .map(Zeroizing::new)
            .map_err(|error| of_template(&error))?;
        let body = match self.encoding {
            Encoding::Json => rendered,
            // A template may have a field a line. The line ends of values are percent-encoded by now.
            Encoding::Form => Zeroizing::new(rendered.lines().map(str::trim).collect()),
        };
        if body.len() > MAX_BODY {
            return Err(SmsError::TooLong);
        }
        // A branch that no sample took may still give something else.
        if self.encoding.values(&body).is_none() { Err(SmsError::NotJson) } else { Ok(body) }
    }

    fn try_out(&self) -> Result<(), SmsError> {
        const DIGITS: &str = "33199001234";
        let id = "0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5";
        let mut fields = Vec::new();
        for text in ["Ada invites you.", "\"}, {\\\"x\\\": \\ \u{1}\n{{ to }}&to=1&x=%22+%2B 👋 é"] {
            let body = self.render(&format!("+{DIGITS}"), text, id)?;
            let values = self.encoding.values(&body).ok_or(SmsError::NotJson)?;
            let holds = |wanted: &str| values.iter().any(|value| value.contains(wanted));
            if !holds(text) || !holds(DIGITS) {
                return Err(SmsError::Incomplete);
            }
            fields.push(values.len());
        }
        if fields[0] == fields[1] { Ok(()) } else { Err(SmsError::Incomplete) }
    }
}

fn write_escaped(encoding: Encoding, out: &mut Output, value: &Value) -> Result<(), Error> {
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    let escaped = match value.as_str() {
        Some(text) => encoding.escape(text),
        None => encoding.escape(&value.to_string()),
    };
    out.write_str(&escaped?).map_err(Error::from)
}

/// The engine's own words may repeat a piece of the template.
fn of_template(error: &Error) -> SmsError {
    SmsError::Template { line: error.line().unwrap_or(0), kind: error.kind() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn json(template: &str) -> Result<Body, SmsError> {
        Body::new(Encoding::Json, Some(template))
    }

    fn form(template: &str) -> Result<Body, SmsError> {
        Body::new(Encoding::Form, Some(template))
    }

    #[test]
    fn the_usual_bodies_hold_number_text_and_id() {
        let body = Body::new(Encoding::Json, None).unwrap().render("+33199001234", "Hi \"Zoë\"", "1").unwrap();
        assert_eq!(*body, r#"{"to": "+33199001234", "text": "Hi \"Zoë\"", "id": "1"}"#);
        let body = Body::new(Encoding::Form, None).unwrap().render("+33199001234", "Hi Zoë & all", "1").unwrap();
        assert_eq!(*body, "to=%2B33199001234&text=Hi+Zo%C3%AB+%26+all&id=1");
    }

    #[test]
    fn a_template_can_put_the_values_where_a_gateway_wants_them() {
        let template = r#"
            {"messages": [{"from": "Acme", "destinations": [{"to": "{{ to|replace("+", "") }}"}], "text": "{{ text }}"}]}
        "#;
        let body = json(template).unwrap().render("+33199001234", "Hi", "1").unwrap();
        let expected = r#"{"messages": [{"from": "Acme", "destinations": [{"to": "33199001234"}], "text": "Hi"}]}"#;
        assert_eq!(*body, expected);
        let body = form("From=Acme\n  &To={{ to }}\n  &Body={{ text }}\n").unwrap();
        assert_eq!(*body.render("+33199001234", "a\nb", "1").unwrap(), "From=Acme&To=%2B33199001234&Body=a%0Ab");
    }

    #[test]
    fn nothing_a_template_does_turns_the_escaping_off() {
        for template in [
            r#"{"to": "{{ to|safe }}", "text": "{{ text|safe }}"}"#,
            r#"{"to": "{{ to }}", "text": "{% autoescape false %}{{ text }}{% endautoescape %}"}"#,
            r#"{"to": "{{ to }}", "text": "{{ "Acme: " ~ text }}"}"#,
        ] {
            let body = json(template).unwrap().render("+33199001234", "\", \"x\": \"", "1").unwrap();
            let value: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert_eq!(value.as_object().unwrap().len(), 2, "{template}");
            assert!(value["text"].as_str().unwrap().ends_with("\", \"x\": \""), "{template}");
        }
    }

    #[test]
    fn a_template_that_cannot_work_is_refused_when_it_is_loaded_and_not_repeated() {
        let error = |template| json(template).unwrap_err().to_string();
        assert_eq!(error("{\n\"secret\": {% if %}}"), "the template, line 2: syntax error");
        assert_eq!(
            error("{\"to\": \"{{ to }}\",\n\n\"text\": \"{{ secret }}\"}"),
            "the template, line 3: undefined value"
        );
        for template in [r#"{"to": "{{ to }}", "text": {{ text }}}"#, "", "secret", r#"{"to": "{{ to }}""#] {
            assert_eq!(json(template).unwrap_err(), SmsError::NotJson, "{template}");
        }
        for template in [
            r#"{"to": "{{ to }}"}"#,
            r#"{"text": "{{ text }}"}"#,
            r#"{"to": "{{ to }}", "text": "{{ text|upper }}"}"#,
            r#"{"to": "{{ to }}", "text": "{{ text|replace("\\", "") }}"}"#,
        ] {
            assert_eq!(json(template).unwrap_err(), SmsError::Incomplete, "{template}");
        }
        for template in ["to={{ to }}", "", "{{ to }}&{{ text }}"] {
            assert_eq!(form(template).unwrap_err(), SmsError::Incomplete, "{template}");
        }
        let endless = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
        assert!(matches!(json(endless).unwrap_err(), SmsError::Template { .. }));
        let huge = format!(r#"{{"to": "{{{{ to }}}}", "text": "{{{{ text }}}}", "x": "{}"}}"#, "x".repeat(MAX_BODY));
        assert_eq!(json(&huge).unwrap_err(), SmsError::TooLong);
        assert_eq!(format!("{:?}", Body::new(Encoding::Json, None).unwrap()), "Body(…)");
    }

    proptest! {
        #[test]
        fn any_text_arrives_as_it_is_in_its_own_field(text in "(\\PC|[\"\\\\\n\r\u{0}\u{2028}&=%+]){0,80}") {
            let body = Body::new(Encoding::Json, None).unwrap().render("+33199001234", &text, "1").unwrap();
            let expected = serde_json::json!({ "to": "+33199001234", "text": text, "id": "1" });
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&body).unwrap(), expected);
            let body = Body::new(Encoding::Form, None).unwrap().render("+33199001234", &text, "1").unwrap();
            let pairs: Vec<_> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
            let expected = [("to", "+33199001234"), ("text", &*text), ("id", "1")].map(|(k, v)| (k.to_owned(), v.to_owned()));
            prop_assert_eq!(pairs, expected);
        }
    }
}
