//! The organisation's logo: uploading one, and taking it away.

use super::{PATH, Typed, kibibytes, page, pixels};
use crate::{
    console::{entry::Desk, fault::Fault, upload::Uploaded},
    extract::call::Answer,
};
use actix_web::http::StatusCode;
use invite_domain::{
    access::permission,
    directory::{InvalidLogo, Logo},
    invitation::Rejection,
};

async fn again(desk: &Desk, fault: Fault) -> Answer {
    let organization = desk.visit.api.directory.organization(&desk.caller).await?;
    page(desk, &organization, Typed::of(&organization), Some(fault))
}

/// What is wrong with the file somebody chose.
fn refused(desk: &Desk, status: StatusCode, said: String) -> Fault {
    let fault = Fault::fields(desk.language, [("logo", said.clone())]);
    fault.map_or_else(|| Fault::whole(status, said), |fault| Fault { status, ..fault })
}

fn wrong(desk: &Desk, why: InvalidLogo) -> Fault {
    let unprocessable = |said| refused(desk, StatusCode::UNPROCESSABLE_ENTITY, said);
    match why {
        InvalidLogo::Format => unprocessable(desk.text().get("settings-logo-format")),
        InvalidLogo::Size => unprocessable(desk.say("settings-logo-size", &[("pixels", pixels())])),
        InvalidLogo::TooLarge => {
            let said = desk.say("settings-logo-large", &[("bytes", kibibytes())]);
            refused(desk, StatusCode::PAYLOAD_TOO_LARGE, said)
        }
    }
}

/// Takes the file that was sent as the logo.
pub(in crate::console) async fn act(desk: Desk, uploaded: Uploaded) -> Answer {
    if !desk.may(permission::ORGANIZATION_WRITE) {
        return Err(Rejection::Forbidden { permission: permission::ORGANIZATION_WRITE }.into());
    }
    let Uploaded::Parts(parts) = uploaded else { return again(&desk, wrong(&desk, InvalidLogo::TooLarge)).await };
    let file = parts.get("logo").filter(|file| !file.is_empty());
    let Some(file) = file else {
        let missing = desk.text().get("settings-logo-missing");
        return again(&desk, refused(&desk, StatusCode::UNPROCESSABLE_ENTITY, missing)).await;
    };
    let logo = match Logo::parse(file) {
        Ok(logo) => logo,
        Err(why) => return again(&desk, wrong(&desk, why)).await,
    };
    match desk.visit.api.directory.set_logo(&desk.caller, logo).await {
        Ok(_) => Ok(desk.lead(&format!("{PATH}?done=saved"))),
        Err(error) => again(&desk, Fault::of(&desk, error)?).await,
    }
}

/// Takes the logo away.
pub(super) async fn remove(desk: &Desk) -> Answer {
    match desk.visit.api.directory.remove_logo(&desk.caller).await {
        Ok(_) => Ok(desk.lead(&format!("{PATH}?done=saved"))),
        Err(error) => again(desk, Fault::of(desk, error)?).await,
    }
}
