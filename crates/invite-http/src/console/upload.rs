//! A form with a file. It counts from our own pages alone, as every other one; what is too large is read to its end, within
//! bounds, so that a browser that is still sending hears why.

use super::{entry::Desk, proof::Own, trouble};
use crate::{
    Problem,
    extract::{body, call::Answer, origin},
    pages::Visit,
    problem::table,
    timely::timely,
};
use actix_multipart::Multipart;
use actix_web::{
    http::{ConnectionType, header},
    web::Bytes,
};
use futures_util::{StreamExt as _, stream};
use std::{collections::BTreeMap, pin::Pin};

/// The most bytes that are read and thrown away.
const PATIENCE: usize = 1024 * 1024;

/// What a form with a file brought.
pub(crate) enum Uploaded {
    /// Every part by its name.
    Parts(BTreeMap<String, Vec<u8>>),
    /// More than any form of ours has.
    TooLarge,
}

/// What became of a body.
enum Read {
    Whole(Bytes),
    /// Too large, and read to its end or not.
    TooLarge {
        ended: bool,
    },
}

/// The whole body, where it is not too large. What says that it is longer than anybody waits for is not read at all.
async fn whole(visit: &mut Visit) -> Result<Read, Problem> {
    let length = visit.request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if length.and_then(|text| text.parse::<usize>().ok()).is_some_and(|length| length > PATIENCE) {
        return Ok(Read::TooLarge { ended: false });
    }
    let broken = || Problem::new(&table::MALFORMED_JSON).saying("The body broke off.").closing();
    let read = async {
        let (mut bytes, mut count) = (Vec::new(), 0);
        while let Some(chunk) = visit.payload().next().await {
            let chunk = chunk.map_err(|_| broken())?;
            count += chunk.len();
            if count > PATIENCE {
                return Ok(Read::TooLarge { ended: false });
            }
            if count <= body::MAX_BYTES {
                bytes.extend_from_slice(&chunk);
            }
        }
        let fits = count <= body::MAX_BYTES;
        Ok(if fits { Read::Whole(Bytes::from(bytes)) } else { Read::TooLarge { ended: true } })
    };
    let late = |_| Err(Problem::new(&table::REQUEST_TIMEOUT).closing());
    tokio::time::timeout(body::DEADLINE, read).await.unwrap_or_else(late)
}

/// The parts of a body ([RFC 7578](https://www.rfc-editor.org/info/rfc7578)); `None` where it is no such form.
async fn parts(visit: &Visit, bytes: Bytes) -> Option<BTreeMap<String, Vec<u8>>> {
    let one = stream::iter([Ok::<_, actix_web::error::PayloadError>(bytes)]);
    let mut form = Multipart::new(visit.request.headers(), one);
    let mut parts = BTreeMap::new();
    while let Some(field) = form.next().await {
        let mut field = field.ok()?;
        let name = field.name()?.to_owned();
        let mut value = Vec::new();
        while let Some(chunk) = field.next().await {
            value.extend_from_slice(&chunk.ok()?);
        }
        parts.insert(name, value);
    }
    Some(parts)
}

/// A handler of a form of our own that brings a file.
pub(super) fn uploading<F, R>(handler: F) -> impl Fn(Visit) -> Pin<Box<dyn Future<Output = Answer>>> + Clone + 'static
where
    F: Fn(Desk, Uploaded) -> R + Clone + 'static,
    R: Future<Output = Answer> + 'static,
{
    timely(move |visit: Visit| {
        let handler = handler.clone();
        async move {
            let form = body::media_type(&visit.request).as_deref() == Some("multipart/form-data");
            if !form || !origin::is_own(&visit.request, &visit.api.config, origin::Proof::Form) {
                return visit.form_expired();
            }
            // Nobody but who is signed in has anything read.
            let mut desk = match Desk::enter(visit).await? {
                Ok(desk) => desk,
                Err(elsewhere) => return Ok(elsewhere),
            };
            let (request, api) = (desk.visit.request.clone(), desk.visit.api.clone());
            let bytes = match whole(&mut desk.visit).await? {
                Read::Whole(bytes) => bytes,
                // What is too large has no field to look at, and changes nothing.
                Read::TooLarge { ended } => {
                    let mut answer = trouble::attended(request, api, handler(desk, Uploaded::TooLarge)).await?;
                    if !ended {
                        answer.head_mut().set_connection_type(ConnectionType::Close);
                    }
                    return Ok(answer);
                }
            };
            let Some(parts) = parts(&desk.visit, bytes).await else { return desk.visit.form_expired() };
            let field = parts.get("csrf").and_then(|field| std::str::from_utf8(field).ok()).unwrap_or_default();
            match desk.own(field) {
                Own::Here => trouble::attended(request, api, handler(desk, Uploaded::Parts(parts))).await,
                other => desk.not_own(other, field),
            }
        }
    })
}
