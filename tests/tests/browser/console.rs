//! What the journeys at the console share: signing in, confirming, looking.

use crate::{
    common::{OWNER, PASSWORD, eventually, text},
    world::World,
};
use invite_tests::{Failure, Result};
use serde_json::{Value, json};
use thirtyfour::{By, WebElement};

/// Cookies whose values let somebody in.
const SECRET_COOKIES: [&str; 2] = ["invite_session", "invite_console_key"];

impl World {
    /// Opens a page of the console.
    pub(crate) async fn desk(&self, path: &str) -> Result<()> {
        self.browser.open(&self.site.service.url(path)).await
    }

    /// Looks at a page of the console. What lets its reader in stands nowhere a script or the next person could read it.
    pub(crate) async fn desk_look(&self, name: &str) -> Result<()> {
        let name = format!("console-{name}");
        self.look(&name).await?;
        for (cookie, value) in self.browser.cookies().await? {
            if SECRET_COOKIES.contains(&cookie.as_str()) {
                let found = self.browser.traces_of(&value).await?;
                if !found.is_empty() {
                    return Err(Failure::new(format!("{name}: the value of {cookie} stands in {found:?}")));
                }
            }
        }
        Ok(())
    }

    /// The owner chooses a password behind the link that the setup has printed.
    pub(crate) async fn owner_has_password(&self) -> Result<()> {
        let browser = &self.browser;
        browser.open(text(&self.site.setup, "/owner_link")?).await?;
        browser.see("Choose your password").await?;
        browser.fill("New password", PASSWORD).await?;
        browser.fill("Repeat the password", PASSWORD).await?;
        browser.press("Save the password").await?;
        browser.wait_to_see("Your password is set").await
    }

    /// Signs in by the console's form.
    pub(crate) async fn at_console(&self, address: &str) -> Result<()> {
        self.desk("/console/sign-in").await?;
        let browser = &self.browser;
        browser.fill("E-mail address", address).await?;
        browser.fill("Password", PASSWORD).await?;
        browser.press("Sign in").await?;
        browser.wait_to_see("Sign out").await
    }

    /// The owner, signed in at the console.
    pub(crate) async fn owner_at_console(&self) -> Result<()> {
        self.owner_has_password().await?;
        self.at_console(OWNER).await
    }

    /// Somebody else with an account, a member with these rights; signed in at the console.
    pub(crate) async fn member_at_console(&self, name: &str, rights: &Value) -> Result<String> {
        let address = self.address(name);
        let invited = self.invite(&self.site.owner()?, &address, rights).await?;
        self.site.anyone()?.redeem(&invited.token, PASSWORD).await?.expect(201)?;
        self.at_console(&address).await?;
        Ok(address)
    }

    /// Goes on in another of the person's organisations.
    pub(crate) async fn switch_to(&self, organization: &str) -> Result<()> {
        self.browser.choose("Organization", organization).await?;
        self.browser.press("Switch").await?;
        eventually(&format!("the console is never at {organization}"), async || {
            Ok((self.texts("header .name bdi").await? == [organization]).then_some(()))
        })
        .await
    }

    /// Opens a confirmation by its summary and presses its button.
    pub(crate) async fn confirm(&self, summary: &str, button: &str) -> Result<()> {
        self.summary(summary).await?;
        let all = self.browser.web()?.find_all(By::Css("details[open] button[type=submit]")).await?;
        for each in all {
            if each.text().await? == button {
                return self.browser.click(each).await;
            }
        }
        Err(Failure::new(format!("nothing that is open has the button `{button}`")))
    }

    /// Presses the button of the section with this id.
    pub(crate) async fn press_in_section(&self, section: &str, button: &str) -> Result<()> {
        let buttons = format!("section[aria-labelledby={section}] button[type=submit]");
        for each in self.browser.web()?.find_all(By::Css(buttons)).await? {
            if each.text().await? == button {
                return self.browser.click(each).await;
            }
        }
        Err(Failure::new(format!("no `{button}` in the section `{section}`")))
    }

    /// Opens what has this summary.
    pub(crate) async fn summary(&self, summary: &str) -> Result<()> {
        for each in self.browser.web()?.find_all(By::Css("details:not([open]) > summary")).await? {
            if each.text().await? == summary {
                return self.browser.click(each).await;
            }
        }
        Err(Failure::new(format!("nothing that is shut is called `{summary}`:\n{}", self.browser.text().await?)))
    }

    /// An element of the page by its id: several forms of a page may have a field of one label.
    pub(crate) async fn by_id(&self, id: &str) -> Result<WebElement> {
        Ok(self.browser.web()?.find(By::Id(id)).await?)
    }

    /// Types into the field with this id.
    pub(crate) async fn fill_by_id(&self, id: &str, text: &str) -> Result<()> {
        let field = self.by_id(id).await?;
        field.clear().await?;
        Ok(field.send_keys(text).await?)
    }

    /// The text of the table's row that shows this.
    pub(crate) async fn row(&self, shown: &str) -> Result<String> {
        let rows = "const tidy = text => text.replace(/\\s+/g, ' ').trim();
            return [...document.querySelectorAll('tbody tr')].map(row => tidy(row.innerText))
                .filter(row => row.includes(arguments[0]));";
        let rows = self.browser.script(rows, vec![json!(shown)]).await?;
        match rows.as_array().map(Vec::as_slice) {
            Some([Value::String(row)]) => Ok(row.clone()),
            _ => Err(Failure::new(format!("not one row with `{shown}` but {rows}:\n{}", self.browser.text().await?))),
        }
    }

    /// The texts of all elements that fit, in their order.
    pub(crate) async fn texts(&self, css: &str) -> Result<Vec<String>> {
        let texts = "return [...document.querySelectorAll(arguments[0])]
            .map(each => each.textContent.replace(/\\s+/g, ' ').trim());";
        let texts = self.browser.script(texts, vec![json!(css)]).await?;
        Ok(texts.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// Sends forms as they are, past what the browser itself would find wrong with them.
    pub(crate) async fn unchecked(&self) -> Result<()> {
        let shut = "document.querySelectorAll('form').forEach(form => { form.noValidate = true })";
        self.browser.script(shut, vec![]).await?;
        Ok(())
    }

    /// Makes the browser ask for pages in this language from now on; in its own for an empty text.
    pub(crate) async fn speak(&self, language: &str) -> Result<()> {
        let headers = if language.is_empty() { json!({}) } else { json!({ "Accept-Language": language }) };
        self.browser.devtools("Network.setExtraHTTPHeaders", json!({ "headers": headers })).await?;
        Ok(())
    }
}
