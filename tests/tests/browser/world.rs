//! An installation, its mailbox and a person's browser.

use crate::{
    budget,
    common::{Api, PASSWORD, Site, text, token_of},
    elsewhere::Elsewhere,
};
use invite_tests::{
    Failure, Result,
    browser::{Browser, Traffic},
    service::Sandbox,
};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Seconds the invitations live that are to expire: their mail has to be sent within.
pub(crate) const SHORT: u64 = 3;

/// Where the journeys happen.
pub(crate) struct World {
    pub(crate) site: Site,
    pub(crate) browser: Browser,
    /// Somebody else's site, where successes may lead.
    pub(crate) elsewhere: Elsewhere,
    people: AtomicUsize,
}

/// An organisation and who invites in its name.
pub(crate) struct House {
    pub(crate) name: String,
    pub(crate) api: Api,
}

/// An invitation as its mail brings it.
pub(crate) struct Invited {
    pub(crate) id: String,
    pub(crate) link: String,
    pub(crate) token: String,
}

impl World {
    pub(crate) async fn start(sandbox: Option<Sandbox>) -> Result<Self> {
        let elsewhere = Elsewhere::start("<h1>Somewhere else</h1>", None).await?;
        let sandbox = match sandbox {
            Some(sandbox) => sandbox,
            None => Sandbox::for_serve()?,
        };
        let destinations = format!("{}/", elsewhere.url());
        let settings = [("INVITE_TTL_MIN", "1s"), ("INVITE_ALLOWED_REDIRECTS", destinations.as_str())];
        let site = Site::start_in(sandbox, &settings).await?;
        let browser = Browser::start().await?;
        // Every page with everything it loads, however often it was seen.
        browser.devtools("Network.setCacheDisabled", json!({ "cacheDisabled": true })).await?;
        Ok(Self { site, browser, elsewhere, people: AtomicUsize::new(0) })
    }

    pub(crate) async fn end(self) -> Result<()> {
        self.browser.quit().await
    }

    /// An address nobody has had so far.
    pub(crate) fn address(&self, name: &str) -> String {
        format!("{name}-{}@example.org", self.people.fetch_add(1, Ordering::Relaxed))
    }

    /// A new organisation with an owner's key.
    pub(crate) async fn house(&self, name: &str) -> Result<House> {
        let name = format!("{name} {}", self.people.fetch_add(1, Ordering::Relaxed));
        let operator = self.site.bearer(text(&self.site.setup, "/operator_key")?)?;
        // Founding one takes its owner's password away: nobody else's.
        let body = json!({ "name": name, "owner_email": self.address("owner") });
        let made = operator.post("/v1/organizations", &body).await?.expect(201)?;
        Ok(House { name, api: self.site.bearer(text(&made, "/api_key")?)? })
    }

    /// Issues an invitation and waits for its mail.
    pub(crate) async fn invite(&self, api: &Api, address: &str, more: &Value) -> Result<Invited> {
        let before = self.site.mails_to(address);
        let mut body = json!({ "recipient": { "email": address } });
        if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
            body.extend(more.clone());
        }
        let issued = api.post("/v1/invitations", &body).await?.expect(201)?;
        let id = text(&issued, "/id")?.to_owned();
        let link = match issued.get("link").and_then(Value::as_str) {
            Some(link) => link.to_owned(),
            None => self.site.mail(address, before + 1).await?.only_link()?,
        };
        let token = token_of(&link)?;
        Ok(Invited { id, link, token })
    }

    /// A person with an account: a member of Acme.
    pub(crate) async fn person(&self, name: &str) -> Result<String> {
        let address = self.address(name);
        let (_, token) = self.site.invite(&address).await?;
        self.site.anyone()?.redeem(&token, PASSWORD).await?.expect(201)?;
        Ok(address)
    }

    /// Signs a person in, as far as the browser is concerned.
    pub(crate) async fn sign_in(&self, address: &str) -> Result<()> {
        let body = json!({ "email": address, "password": PASSWORD });
        let session = self.site.anyone()?.post("/v1/sessions", &body).await?.expect(201)?;
        let url = self.site.service.base_url();
        self.browser.set_cookie(url, "invite_session", text(&session, "/session/token")?).await
    }

    /// Whether the browser is signed in.
    pub(crate) async fn is_signed_in(&self) -> Result<bool> {
        Ok(self
            .browser
            .cookies()
            .await?
            .iter()
            .any(|(name, value)| name == "invite_session" && value.starts_with("ivs_")))
    }

    /// The status of an invitation.
    pub(crate) async fn status(&self, api: &Api, id: &str) -> Result<String> {
        let invitation = api.get(&format!("/v1/invitations/{id}")).await?.expect(200)?;
        Ok(text(&invitation, "/status")?.to_owned())
    }

    /// Says no, perhaps for good. What is asked for before is shown on demand.
    pub(crate) async fn decline(&self, for_good: bool) -> Result<()> {
        self.browser.press("Not for you?").await?;
        if for_good {
            self.browser.tick("Send me no more invitations", true).await?;
        }
        self.browser.press("Decline").await
    }

    /// Looks at the page that is open as four people would, and holds it to what all pages are held to: axe finds nothing, the
    /// content policy was not violated, nothing is missing, no script holds it up, nobody is told where one comes from.
    /// Answers what was fetched since the last look.
    pub(crate) async fn look(&self, name: &str) -> Result<Traffic> {
        let at = |what: String| Failure::new(format!("{name}: {what}"));
        self.browser.inspect(name).await?;
        let blocking = self.browser.blocking_scripts().await?;
        if !blocking.is_empty() {
            return Err(at(format!("scripts hold the page up: {blocking:?}")));
        }
        let traffic = self.browser.traffic().await?;
        match traffic.requests.iter().find(|request| !request.referer.is_empty()) {
            Some(request) => Err(at(format!("a request tells where it comes from: {request:?}"))),
            None => Ok(traffic),
        }
    }

    /// The same for a page of an invitee, which is light besides.
    pub(crate) async fn page(&self, name: &str) -> Result<()> {
        let at = |what: String| Failure::new(format!("{name}: {what}"));
        let mut traffic = self.look(name).await?;
        let Some(last) = traffic.requests.iter().rposition(|request| request.kind == "Document") else {
            return Err(at("no page was loaded since the last look".to_owned()));
        };
        traffic.requests.drain(..last);
        match budget::note(name, &traffic) {
            Some(wrong) => Err(at(wrong)),
            None => Ok(()),
        }
    }
}
