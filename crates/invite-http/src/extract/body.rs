//! Reads a body: its type, its size, within its time, as JSON or as a form.

use super::{
    call::Call,
    fields::{Fields, sentence},
    header, json,
};
use crate::problem::{Problem, table};
use actix_web::{
    HttpRequest,
    dev::Payload,
    http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE},
    web::Bytes,
};
use futures_util::StreamExt as _;
use invite_domain::{
    directory::{InvalidLogo, Logo},
    invitation::FieldCode,
    secret::{KeyState, Purpose},
    service::{Idempotency, World},
};
use serde_json::Value;
use std::{
    borrow::Cow,
    future::{Future as _, poll_fn},
    pin::pin,
    task::Poll,
    time::Duration,
};
use tokio::time::Instant;

/// The most bytes of a body.
pub(crate) const MAX_BYTES: usize = 64 * 1024;
/// How long a body may take to arrive: actix itself sets no such limit (HTTP-3).
pub(crate) const DEADLINE: Duration = Duration::from_secs(15);

/// What most bodies are.
const JSON: &str = "application/json";

/// A body as it came, and as the object it is.
pub(crate) struct Body {
    pub(crate) bytes: Bytes,
    pub(crate) fields: Fields,
}

/// The media type without its parameters, in lower case.
pub(crate) fn media_type(request: &HttpRequest) -> Option<Cow<'_, str>> {
    let value = request.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    if value == JSON {
        return Some(Cow::Borrowed(value));
    }
    let media = value.split(';').next()?.trim();
    let upper = media.bytes().any(|byte| byte.is_ascii_uppercase());
    Some(if upper { Cow::Owned(media.to_ascii_lowercase()) } else { Cow::Borrowed(media) })
}

/// Every byte of the body. Its time is looked at whenever it is polled, so it belongs into a handler that is
/// [`timely`](crate::timely::timely).
pub(crate) async fn read(request: &HttpRequest, payload: &mut Payload) -> Result<Bytes, Problem> {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if length.and_then(|text| text.parse::<usize>().ok()).is_some_and(|length| length > MAX_BYTES) {
        return Err(Problem::new(&table::BODY_TOO_LARGE).closing());
    }
    let whole = async {
        // What comes in one piece, as most bodies do, is not copied.
        let (mut first, mut bytes) = (Bytes::new(), Vec::new());
        while let Some(chunk) = payload.next().await {
            let chunk =
                chunk.map_err(|_| Problem::new(&table::MALFORMED_JSON).saying("The body broke off.").closing())?;
            if first.len() + bytes.len() + chunk.len() > MAX_BYTES {
                return Err(Problem::new(&table::BODY_TOO_LARGE).closing());
            }
            if first.is_empty() && bytes.is_empty() {
                first = chunk;
                continue;
            }
            bytes.extend_from_slice(&std::mem::take(&mut first));
            bytes.extend_from_slice(&chunk);
        }
        Ok(if bytes.is_empty() { first } else { Bytes::from(bytes) })
    };
    let (mut whole, mut late) = (pin!(whole), None);
    poll_fn(|cx| match whole.as_mut().poll(cx) {
        Poll::Pending => {
            let now = Instant::now();
            let is_late = now >= *late.get_or_insert(now + DEADLINE);
            if is_late { Poll::Ready(Err(Problem::new(&table::REQUEST_TIMEOUT).closing())) } else { Poll::Pending }
        }
        read @ Poll::Ready(_) => read,
    })
    .await
}

impl Call {
    /// The body, which has to be a JSON object.
    pub(crate) async fn body(&mut self) -> Result<Body, Problem> {
        self.check_media(media_type(&self.request).as_deref())?;
        let bytes = read(&self.request, &mut self.payload).await?;
        let fields = object(&bytes)?;
        Ok(Body { bytes, fields })
    }

    /// The body, where nothing in it is required: none at all is an empty object.
    pub(crate) async fn optional_body(&mut self) -> Result<Body, Problem> {
        if let Some(media) = media_type(&self.request) {
            self.check_media(Some(&media))?;
        }
        let bytes = read(&self.request, &mut self.payload).await?;
        if bytes.is_empty() {
            return Ok(Body { bytes, fields: Fields::default() });
        }
        self.check_media(media_type(&self.request).as_deref())?;
        let fields = object(&bytes)?;
        Ok(Body { bytes, fields })
    }

    /// Holds the body of a request that takes none to that.
    pub(crate) async fn no_body(&mut self) -> Result<(), Problem> {
        self.optional_body().await?.fields.finish()
    }

    /// The body, which has to be an image a logo can be.
    pub(crate) async fn image(&mut self) -> Result<Logo, Problem> {
        let encoded = self.request.headers().get(CONTENT_ENCODING).is_some_and(|value| value != "identity");
        if encoded || media_type(&self.request).as_deref() != Some("image/png") {
            return Err(Problem::new(&table::UNSUPPORTED_MEDIA_TYPE).saying("Send the image itself, as `image/png`."));
        }
        let bytes = read(&self.request, &mut self.payload).await?;
        Logo::parse(&bytes).map_err(|invalid| match invalid {
            InvalidLogo::TooLarge => Problem::new(&table::BODY_TOO_LARGE).saying(sentence(&invalid.to_string())),
            InvalidLogo::Format | InvalidLogo::Size => {
                Problem::field("", FieldCode::Invalid, sentence(&invalid.to_string()))
            }
        })
    }

    fn check_media(&self, media: Option<&str>) -> Result<(), Problem> {
        let encoded = self.request.headers().get(CONTENT_ENCODING).is_some_and(|value| value != "identity");
        if encoded || media != Some(JSON) {
            return Err(Problem::new(&table::UNSUPPORTED_MEDIA_TYPE));
        }
        Ok(())
    }

    /// The idempotency key with the fingerprint of this request (rule 3.7).
    ///
    /// The fingerprint is made under the oldest key that is not retired, not the active one: rotating within the 24 hours
    /// in which a key is remembered then changes nothing. Retiring that key does, and turns a repeat of an older request
    /// into a mismatch, which does no harm: nothing is done twice.
    pub(crate) fn idempotency(&self, body: &[u8]) -> Result<Option<Idempotency>, Problem> {
        let Some(key) = header::idempotency_key(&self.request)? else { return Ok(None) };
        fingerprint(&self.api.world, &self.request, key, body).map(Some)
    }
}

/// An idempotency key with the fingerprint of its request.
pub(crate) fn fingerprint(
    world: &World,
    request: &HttpRequest,
    key: String,
    body: &[u8],
) -> Result<Idempotency, Problem> {
    let ring = world.keys.ring();
    let oldest = ring.ids().find(|(_, state)| *state != KeyState::Retired).map(|(id, _)| id);
    let (method, path) = (request.method().as_str().as_bytes(), request.path().as_bytes());
    // Neither a method nor a path has a NUL, so no two requests give the same parts.
    let parts: [&[u8]; 6] = [b"invite/request/v1\0", method, b"\0", path, b"\0", body];
    let fingerprint = oldest.and_then(|id| ring.mac(id, Purpose::Idempotency, &parts));
    let missing = || Problem::new(&table::INTERNAL).because("the key ring has no usable key");
    Ok(Idempotency { key, fingerprint: fingerprint.ok_or_else(missing)? })
}

fn object(bytes: &[u8]) -> Result<Fields, Problem> {
    match json::parse(bytes).map_err(|place| Problem::new(&table::MALFORMED_JSON).saying(place))? {
        Value::Object(map) => Ok(Fields::new(map)),
        _ => Err(Problem::field("", FieldCode::WrongType, "The body has to be an object.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timely::timely;
    use actix_web::{HttpResponse, error::PayloadError, test::TestRequest};
    use futures_util::stream;

    fn slow(first: &'static [u8]) -> Payload {
        let first = stream::iter([Ok::<_, PayloadError>(Bytes::from_static(first))]);
        Payload::from(Box::pin(first.chain(stream::pending())) as std::pin::Pin<Box<dyn futures_util::Stream<Item = _>>>)
    }

    #[actix_web::test]
    async fn http_3_a_body_that_never_ends_is_ended_in_15_seconds() {
        tokio::time::pause();
        let began = Instant::now();
        let handler = timely(|mut body: Payload| async move {
            read(&TestRequest::post().to_http_request(), &mut body).await.map(|_| HttpResponse::Ok().finish())
        });
        let refused = handler(slow(b"{")).await.map(|answer| answer.status());
        assert_eq!(refused.map_err(|problem| (problem.kind().code, problem.close)), Err(("request_timeout", true)));
        assert_eq!(began.elapsed().as_secs(), 15);
    }

    #[actix_web::test]
    async fn http_2_a_body_that_says_it_is_too_large_is_not_read_at_all() {
        let request = TestRequest::post().insert_header(("Content-Length", "65537")).to_http_request();
        let refused = read(&request, &mut slow(b"{")).await;
        assert_eq!(refused.map_err(|problem| (problem.kind().code, problem.close)), Err(("body_too_large", true)));
    }
}
