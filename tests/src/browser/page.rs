//! Finding by words, and doing what people do.

use super::{Browser, WebElement};
use crate::{Failure, Result};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use thirtyfour::{By, common::types::ElementRect};
use tokio::time::{MissedTickBehavior, interval, timeout};

/// Finds what a person would.
const FIND: &str = include_str!("page.js");
/// How long a page's script may take to show something.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a page is waited for that may not come.
const MOMENT: Duration = Duration::from_secs(3);

impl Browser {
    /// The text a person can read on the page, hidden parts left out.
    pub async fn text(&self) -> Result<String> {
        let text = self.script("return document.body.innerText", vec![]).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// The page's main heading.
    pub async fn heading(&self) -> Result<String> {
        let text = self.script("return document.querySelector('h1')?.innerText", vec![]).await?;
        text.as_str().map(str::to_owned).ok_or_else(|| Failure::new("the page has no main heading"))
    }

    /// The page as it stands now, as markup.
    pub async fn html(&self) -> Result<String> {
        Ok(self.web()?.source().await?)
    }

    /// Fails with what stands there unless the page shows this text.
    pub async fn see(&self, text: &str) -> Result<()> {
        let shown = self.text().await?;
        let tidy = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        if tidy(&shown).contains(&tidy(text)) {
            return Ok(());
        }
        Err(Failure::new(format!("`{text}` is not on {}, but:\n{shown}", self.path().await?)))
    }

    /// The same, once a script has had time to show it.
    pub async fn wait_to_see(&self, text: &str) -> Result<()> {
        let mut ticks = interval(Duration::from_millis(50));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let look = async {
            loop {
                ticks.tick().await;
                if self.see(text).await.is_ok() {
                    return;
                }
            }
        };
        match timeout(PATIENCE, look).await {
            Ok(()) => Ok(()),
            Err(_) => self.see(text).await,
        }
    }

    /// How many of a kind (`button`, `field`, `link`, `heading`) have these words, or begin with them.
    pub async fn count(&self, kind: &str, words: &str) -> Result<usize> {
        Ok(self.look_for(kind, words, None).await?.0.len())
    }

    /// The one button with this text. Where none has just this one, the one that begins with it.
    pub async fn button(&self, words: &str) -> Result<WebElement> {
        self.find("button", words, None).await
    }

    /// The one field with this label; likewise.
    pub async fn field(&self, label: &str) -> Result<WebElement> {
        self.find("field", label, None).await
    }

    /// The one link with this text; likewise.
    pub async fn link(&self, words: &str) -> Result<WebElement> {
        self.find("link", words, None).await
    }

    /// Clicks a button.
    pub async fn press(&self, words: &str) -> Result<()> {
        self.click(self.button(words).await?).await
    }

    /// Clicks the button in that row, list item, form, dialog or section that shows these words.
    pub async fn press_in(&self, part: &str, words: &str) -> Result<()> {
        self.click(self.find("button", words, Some(part)).await?).await
    }

    /// Clicks a link.
    pub async fn follow(&self, words: &str) -> Result<()> {
        self.click(self.link(words).await?).await
    }

    /// Clicks the link in that row, list item, form or section that shows these words.
    pub async fn follow_in(&self, part: &str, words: &str) -> Result<()> {
        self.click(self.find("link", words, Some(part)).await?).await
    }

    /// Empties a field and types into it.
    pub async fn fill(&self, label: &str, text: &str) -> Result<()> {
        let field = self.field(label).await?;
        field.clear().await?;
        Ok(field.send_keys(text).await?)
    }

    /// Puts a text into a field at once, for what is too long or too strange for a keyboard.
    pub async fn paste(&self, label: &str, text: &str) -> Result<()> {
        let field = self.field(label).await?.to_json()?;
        self.script("arguments[0].value = arguments[1]", vec![field, json!(text)]).await?;
        Ok(())
    }

    /// Ticks a box, or unticks it; also a radio button.
    pub async fn tick(&self, label: &str, on: bool) -> Result<()> {
        let field = self.field(label).await?;
        if field.is_selected().await? == on { Ok(()) } else { self.click(field).await }
    }

    /// Chooses an option of a list by its text.
    pub async fn choose(&self, label: &str, option: &str) -> Result<()> {
        let field = self.field(label).await?.to_json()?;
        let choose = "const [list, words] = arguments;
            const option = [...list.options].find(option => option.text.trim() === words);
            if (!option) return [...list.options].map(option => option.text);
            list.value = option.value;
            list.dispatchEvent(new Event('input', { bubbles: true }));
            list.dispatchEvent(new Event('change', { bubbles: true }));
            return true;";
        match self.script(choose, vec![field, json!(option)]).await? {
            Value::Bool(true) => Ok(()),
            others => Err(Failure::new(format!("`{label}` has no option `{option}`: {others}"))),
        }
    }

    /// What a field has in it.
    pub async fn value(&self, label: &str) -> Result<String> {
        Ok(self.field(label).await?.value().await?.unwrap_or_default())
    }

    /// Where an element stands, in CSS pixels.
    pub async fn place(&self, element: &WebElement) -> Result<ElementRect> {
        Ok(element.rect().await?)
    }

    /// Clicks an element, scrolled into view. Behind a link and a form's button it waits for the page they lead to; where there
    /// is none (a browser that misses a field, a link within the page), only for a moment.
    pub async fn click(&self, element: WebElement) -> Result<()> {
        element.scroll_into_view().await?;
        let leads = match element.tag_name().await?.as_str() {
            "a" => element.attr("href").await?.is_some_and(|href| !href.starts_with('#')),
            "button" => element.attr("type").await?.as_deref() == Some("submit"),
            _ => false,
        };
        let page = if leads { Some(self.web()?.find(By::Tag("html")).await?) } else { None };
        element.click().await?;
        let Some(page) = page else { return Ok(()) };
        let mut ticks = interval(Duration::from_millis(25));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let gone = async {
            // An element of a page that was left is stale.
            while page.tag_name().await.is_ok() {
                ticks.tick().await;
            }
        };
        // Nothing came in time: whoever looks for the next page says so in its own words.
        drop(timeout(MOMENT, gone).await);
        Ok(())
    }

    async fn find(&self, kind: &str, words: &str, part: Option<&str>) -> Result<WebElement> {
        let (mut found, names) = self.look_for(kind, words, part).await?;
        match (found.pop(), found.len()) {
            (Some(element), 0) => Ok(element),
            (_, others) => {
                let count = if others == 0 { "no".to_owned() } else { (others + 1).to_string() };
                let part = part.map(|part| format!(" near `{part}`")).unwrap_or_default();
                Err(Failure::new(format!(
                    "{count} {kind} `{words}`{part} on {}, but {names}; the page:\n{}",
                    self.path().await?,
                    self.text().await?
                )))
            }
        }
    }

    /// All that fit, and the words of all of that kind.
    async fn look_for(&self, kind: &str, words: &str, part: Option<&str>) -> Result<(Vec<WebElement>, Value)> {
        let arguments = vec![json!(kind), json!(words), json!(part)];
        let answer = self.script(FIND, arguments).await?;
        let handle = self.web()?.handle();
        let found = answer["found"].as_array().cloned().unwrap_or_default();
        let element = |value: Value| Ok(WebElement::from_json(value, Arc::clone(handle))?);
        Ok((found.into_iter().map(element).collect::<Result<_>>()?, answer["names"].clone()))
    }
}
