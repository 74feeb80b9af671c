//! A program written for the Dashdoc API, against the built binary: the printed requests, a contact's invitation and a
//! trucker's code.

mod common;

#[path = "dialect_dashdoc/at_once.rs"]
mod at_once;
#[path = "../../crates/invite-http/tests/http/dashdoc_operations.rs"]
mod operations;
#[path = "dialect_dashdoc/walls.rs"]
mod walls;

use common::{
    Answer, PASSWORD, PATIENCE, Site,
    browser::{Browser, Page},
    text,
};
use futures_util::future::join_all;
use invite_tests::{
    Failure, Result,
    contract::{self, Nulls, assert_shape},
    mail::Mail,
    service::Sandbox,
    sms::SmsGateway,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const ADELE: &str = "adele.bouvet@bouvet.example";
const PHONE: &str = "+33600000000";
/// What the gateway knows the service by.
const GATEWAY_KEY: &str = "gateway-key-1";

/// A service beside an SMS gateway.
struct Place {
    site: Site,
    sms: SmsGateway,
}

impl Place {
    async fn start() -> Result<Self> {
        Self::start_in(Sandbox::for_serve()?).await
    }

    async fn start_in(sandbox: Sandbox) -> Result<Self> {
        let sms = SmsGateway::start().await?;
        let settings =
            [("INVITE_SMS_URL", sms.url()), ("INVITE_SMS_HEADERS", format!("Authorization: Bearer {GATEWAY_KEY}"))];
        let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Ok(Self { site: Site::start_in(sandbox, &settings).await?, sms })
    }

    fn key(&self) -> Result<&str> {
        text(&self.site.setup, "/api_key")
    }

    /// Sends a request as the documentation prescribes; waits where it is throttled, as a careful program does.
    async fn send(&self, credential: &str, method: &str, path: &str, body: &Value) -> Result<Answer> {
        loop {
            let method = Method::from_bytes(method.as_bytes())?;
            let mut request = self.site.anyone()?.request(method, path);
            if !credential.is_empty() {
                request = request.header("Authorization", format!("Token {credential}"));
            }
            if !body.is_null() {
                request = request.json(body);
            }
            let answer = Answer::of(request).await?;
            match (answer.status, answer.header("retry-after")) {
                (429, "1") => tokio::time::sleep(Duration::from_secs(1)).await,
                _ => return Ok(answer),
            }
        }
    }

    async fn ask(&self, method: &str, path: &str, body: Value, status: u16) -> Result<Value> {
        self.send(self.key()?, method, path, &body).await?.expect(status)
    }

    /// Sends a sample of the pages as it is printed: `Authentication: YOUR_API_KEY`, no body.
    async fn sample(&self, name: &str, values: &[(&str, Value)]) -> Result<Value> {
        let mut all = vec![("credential", json!(self.key()?))];
        all.extend(values.iter().cloned());
        let sample = contract::sample(name);
        let printed = sample.filled(&all)?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let mut request = self.site.anyone()?.request(Method::from_bytes(printed.method.as_bytes())?, &printed.path);
        for (name, value) in &printed.headers {
            request = request.header(name, value);
        }
        Answer::of(request).await?.expect(sample.status)
    }

    /// A company with every field, and a manager in it.
    async fn company(&self) -> Result<Value> {
        let company = self.ask("POST", "/api/v4/companies/", company(), 201).await?;
        let petit = "petit@bouvet.example";
        let body = json!({
            "company": { "pk": company["pk"] }, "first_name": "Zoë", "last_name": "Petit", "email": petit,
        });
        let contact = self.ask("POST", "/api/v4/contacts/", body, 201).await?;
        self.ask("POST", &format!("/api/v4/contacts/{}/invite/", text(&contact, "/uid")?), Value::Null, 200).await?;
        let token = self.link(petit, 1).await?;
        let token = token.rsplit('/').next().unwrap_or_default();
        let body = json!({ "token": token, "account": { "name": "Zoë Petit", "password": PASSWORD } });
        self.site.anyone()?.post("/v1/redemptions", &body).await?.expect(201)?;
        Ok(company)
    }

    /// The invitation's link in the `count`-th mail to an address.
    async fn link(&self, address: &str, count: usize) -> Result<String> {
        link_of(&self.site.mail(address, count).await?)
    }

    /// Types a code on the page of the organisation and answers the page it leads to.
    async fn enter(&self, browser: &Browser, code: &str) -> Result<Page> {
        let page = browser.get("/code/acme").await?;
        let entered = browser.submit(&page.only_form()?, &[("code", code)]).await?;
        if entered.answer.status == 303 { browser.get(entered.answer.header("location")).await } else { Ok(entered) }
    }

    async fn members(&self) -> Result<usize> {
        let members = self.site.owner()?.get("/v1/members?limit=200").await?.expect(200)?;
        Ok(common::items(&members)?.len())
    }
}

/// Sends requests at the same moment, each waiting where it is throttled.
async fn ask_all(place: &Place, requests: Vec<(&str, String, Value)>) -> Result<Vec<Answer>> {
    let key = place.key()?;
    let sent = requests.iter().map(|(method, path, body)| place.send(key, method, path, body));
    join_all(sent).await.into_iter().collect()
}

fn link_of(mail: &Mail) -> Result<String> {
    let links = mail.text_links();
    let link = links.iter().find(|link| link.contains("/i/inv_"));
    link.cloned().ok_or_else(|| Failure::new("no link to an invitation in the mail"))
}

fn company() -> Value {
    json!({
        "remote_id": "COMP_1", "invoicing_remote_id": "COMP_456", "name": "Transport Bouvet",
        "phone_number": "0601020304", "email": "office@bouvet.example", "siren": "123456789", "trade_number": "text",
        "country": "FR", "comments": "text", "vat_number": "text", "is_verified": true,
        "settings_transport_order_observations": "text", "settings_constrain_reference_edition": true,
        "account_type": "text", "logo": "text", "subscription_access": {}, "settings": {},
        "primary_address": {
            "pk": "text", "name": "Transport Bouvet", "address": "3 rue des champs", "city": "Nantes",
            "postcode": "44000", "country": "FR", "latitude": -52.556_162_5, "longitude": 92.896_504, "radius": 500,
            "coords_validated": false, "is_demo": true, "is_carrier": true, "is_shipper": true, "is_origin": true,
            "is_destination": true, "created_by": 1, "created": "2020-07-30T21:10:06.44551Z", "instructions": "text",
            "remote_id": "text",
        },
    })
}

fn trucker(company: &Value) -> Value {
    json!({
        "user": { "first_name": "Adèle", "last_name": "Bouvet", "email": ADELE }, "phone_number": PHONE,
        "app_version": 180, "readable_app_version": "2.7.7", "platform": "ios", "remote_id": "TRUCKER_1",
        "carrier": { "pk": company["pk"] }, "is_rented": true, "phone_number_personal": "0601020304",
        "address": "A random address 4 square Dashdoc", "postcode": "44000", "city": "Nantes", "country_code": "FR",
        "driving_license_number": "99 999 999", "driving_license_deadline": "2020-12-22T15:31:39.26167Z",
        "adr_license_deadline": "2020-12-22T15:31:39.26167Z", "carrist_license_deadline": "2020-12-22T15:31:39.26167Z",
        "occupational_health_visit_deadline": "2020-12-22T15:31:39.26167Z", "new_app_update_available": true,
        "unavailability": [{
            "id": 928, "remote_id": "tr123type1", "created": "2020-07-30T21:10:06.44551Z",
            "start_date": "2020-07-30T21:10:06.44551Z", "end_date": "2020-07-30T21:10:06.44551Z",
            "unavailability_type": "paid_vacation", "unavailability_note": "I'm on vacation",
        }],
        "events": [{}], "tags": [{ "pk": 23498, "name": "Remorque" }],
    })
}

const NEW: [(&str, &str); 3] = [("name", "Adèle Bouvet"), ("password", PASSWORD), ("password_repeat", PASSWORD)];

#[tokio::test]
async fn dd_8_dd_9_dd_10_dd_11_dd_13_dd_15_dd_17_a_contact_is_invited_as_printed_accepts_and_is_a_manager() -> Result<()>
{
    let place = Place::start().await?;
    let company = place.company().await?;
    let body = json!({
        "company": { "remote_id": "COMP_1" }, "first_name": "Adèle", "last_name": "Bouvet", "email": ADELE,
        "phone_number": PHONE, "fax_number": "text", "remote_id": "CONTACT_123",
    });
    let contact = place.ask("POST", "/api/v4/contacts/", body, 201).await?;
    let invited = place.sample("dashdoc_invite_contact", &[("uid", contact["uid"].clone())]).await?;
    assert_shape("dashdoc_invite_contact", &invited, Nulls::Forbidden);
    insta::with_settings!({ prepend_module_to_snapshot => false }, {
        insta::assert_json_snapshot!("dashdoc_invite_contact", invited, {
            ".uid" => "[id]", ".created" => "[at]", ".invitation_link" => "[link]", ".company.created" => "[at]",
            ".company.updated" => "[at]", ".company.pk" => "[pk]", ".company.managers[].pk" => "[pk]",
        });
    });
    let path = format!("/api/v4/contacts/{}/", text(&contact, "/uid")?);
    assert_eq!(place.ask("GET", &path, Value::Null, 200).await?, invited);

    let link = place.link(ADELE, 1).await?;
    let browser = Browser::new(place.site.service.base_url())?;
    let page = browser.open(&link).await?;
    let done = browser.submit(&page.form("action", "accept")?, &NEW).await?;
    assert_eq!(done.answer.status, 200, "{}", done.answer.text);
    let registered = place.ask("GET", &path, Value::Null, 200).await?;
    assert_eq!((&registered["is_manager"], &registered["has_pending_invite"]), (&json!(true), &json!(false)));
    assert_eq!((&registered["is_invitable"], &registered["invitation_link"]), (&json!(false), &Value::Null));
    assert_eq!(registered["company"]["managers"].as_array().map(Vec::len), Some(2), "{registered}");
    assert_eq!(registered["company"]["pk"], company["pk"]);
    let refused = place.ask("POST", &format!("{path}invite/"), Value::Null, 400).await?;
    assert_eq!(refused["non_field_errors"]["code"], json!(["already_member"]));
    // Whatever was to be sent would be sent before this one.
    place.site.invite("last@example.org").await?;
    assert_eq!(place.site.mails_to(ADELE), 1);
    assert!(place.sms.messages().is_empty(), "a contact's phone number is no place for a link");
    Ok(())
}

#[tokio::test]
async fn dd_1_dd_4_dd_5_dd_7_dd_17_dd_22_a_truckers_code_is_sent_redeemed_once_and_generated_anew() -> Result<()> {
    let place = Place::start().await?;
    let company = place.company().await?;
    let made = place.ask("POST", "/api/v4/manager-truckers/", trucker(&company), 201).await?;
    assert_shape("dashdoc_trucker", &made, Nulls::Allowed);
    let code = text(&made, "/invite_code")?.to_owned();

    let sms = place.sms.wait_for(1, PATIENCE).await?;
    let bearer = format!("Bearer {GATEWAY_KEY}");
    assert_eq!(sms[0].header("authorization"), Some(bearer.as_str()));
    assert_eq!(sms[0].member("to")?, PHONE);
    let message = sms[0].member("text")?;
    assert!(message.contains(&code) && message.contains("/code/acme"), "{message}");
    let mail = place.site.mail(ADELE, 1).await?;
    assert!(mail.text.contains(&code) && mail.text.contains("/code/acme"), "{}", mail.text);

    let browser = Browser::new(place.site.service.base_url())?;
    let offer = place.enter(&browser, &code.to_lowercase().replace('-', " ")).await?;
    let done = browser.submit(&offer.form("action", "accept")?, &NEW).await?;
    assert_eq!(done.answer.status, 200, "{}", done.answer.text);
    let members = place.members().await?;
    let again = Browser::new(place.site.service.base_url())?;
    assert_eq!(place.enter(&again, &code).await?.answer.status, 404, "a code works once");
    let sign_in = json!({ "email": ADELE, "password": PASSWORD });
    place.site.anyone()?.post("/v1/sessions", &sign_in).await?.expect(201)?;

    let generated = place.sample("dashdoc_generate_invite_code", &[("pk", made["pk"].clone())]).await?;
    assert_shape("dashdoc_generate_invite_code", &generated, Nulls::Forbidden);
    insta::with_settings!({ prepend_module_to_snapshot => false }, {
        insta::assert_json_snapshot!("dashdoc_generate_invite_code", generated, {
            ".pk" => "[pk]", ".user.pk" => "[pk]", ".user.username" => "[id]", ".user.date_joined" => "[at]",
            ".user.last_login" => "[at]", ".invite_code" => "[code]", ".carrier.pk" => "[pk]", ".carrier.created" => "[at]",
            ".carrier.updated" => "[at]", ".carrier.managers[].pk" => "[pk]",
        });
    });
    let second = text(&generated, "/invite_code")?;
    assert_ne!(second, code);
    let device = Browser::new(place.site.service.base_url())?;
    assert_eq!(place.enter(&device, &code).await?.answer.status, 404);
    let offer = place.enter(&device, second).await?;
    assert_eq!(offer.answer.status, 200, "{}", offer.answer.text);
    let done = device.submit(&offer.form("action", "accept")?, &[]).await?;
    let cookies = done.answer.cookies();
    assert!(cookies.iter().any(|cookie| cookie.starts_with("invite_session=ivs_")), "{}", done.answer.text);
    assert_eq!(place.members().await?, members, "a sign-in makes no second membership");
    let third = Browser::new(place.site.service.base_url())?;
    assert_eq!(place.enter(&third, second).await?.answer.status, 404);
    // Only the creation sent anything.
    place.site.invite("last@example.org").await?;
    assert_eq!((place.site.mails_to(ADELE), place.sms.messages().len()), (1, 1));
    Ok(())
}

#[tokio::test]
async fn dd_12_dd_16_dd_18_dd_19_who_may_not_changes_nothing_and_nothing_is_sent() -> Result<()> {
    let place = Place::start().await?;
    let company = place.ask("POST", "/api/v4/companies/", company(), 201).await?;
    let body = json!({ "company": { "pk": company["pk"] }, "last_name": "Bouvet", "phone_number": PHONE });
    let contact = place.ask("POST", "/api/v4/contacts/", body, 201).await?;
    let invite = format!("/api/v4/contacts/{}/invite/", text(&contact, "/uid")?);
    let refused = place.ask("POST", &invite, Value::Null, 400).await?;
    assert_eq!(refused["email"]["code"], json!(["no_address"]));
    let trucker = place.ask("POST", "/api/v4/manager-truckers/", json!({}), 201).await?;
    let generate = format!("/api/v4/manager-truckers/{}/generate-invite-code/", trucker["pk"]);
    let operator = place.site.bearer(text(&place.site.setup, "/operator_key")?)?;
    let globex = json!({ "name": "Globex", "owner_email": "boss@globex.example" });
    let globex = operator.post("/v1/organizations", &globex).await?.expect(201)?;
    let foreign = text(&globex, "/api_key")?;
    let nobody = "0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5";
    for (path, unknown) in [
        (&invite, format!("/api/v4/contacts/{nobody}/invite/")),
        (&generate, "/api/v4/manager-truckers/999999/generate-invite-code/".to_owned()),
    ] {
        place.send("", "POST", path, &Value::Null).await?.expect(401)?;
        place.send("ivk_wrong", "POST", path, &Value::Null).await?.expect(401)?;
        let foreign = place.send(foreign, "POST", path, &Value::Null).await?;
        let unknown = place.send(place.key()?, "POST", &unknown, &Value::Null).await?;
        assert_eq!((foreign.status, &foreign.text), (404, &unknown.text));
    }
    let now = place.ask("GET", &format!("/api/v4/manager-truckers/{}/", trucker["pk"]), Value::Null, 200).await?;
    assert_eq!(now, trucker);
    let now = place.ask("GET", invite.trim_end_matches("invite/"), Value::Null, 200).await?;
    assert_eq!(now, contact);
    place.site.invite("last@example.org").await?;
    assert_eq!((place.site.smtp.messages().len(), place.sms.messages().len()), (1, 0));
    Ok(())
}
