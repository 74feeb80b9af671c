//! A person without a mouse.

use super::Browser;
use crate::{Failure, Result};
use serde_json::Value;
use thirtyfour::{Key, common::keys::TypingData};

/// How often Tab may be pressed until something is reached.
const FAR: usize = 80;

/// Says what has the focus, what it is called, and whether one can see that it has.
const FOCUS: &str = "
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const tidy = text => (text ?? '').replace(/\\s+/g, ' ').trim();
    const referred = ids => ids.split(/\\s+/).map(id => document.getElementById(id)?.innerText).join(' ');
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    const clear = colour => /^transparent$|, 0\\)$|\\/ 0\\)$/.test(colour);
    const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1 && !clear(style.outlineColor);
    const shadowed = style.boxShadow !== 'none';
    const inside = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight
        && box.right > 0 && box.left < innerWidth;
    return {
        kind: element.localName,
        name: tidy((element.hasAttribute('aria-labelledby') && referred(element.getAttribute('aria-labelledby')))
            || element.getAttribute('aria-label') || [...(element.labels ?? [])].map(label => label.innerText).join(' ')
            || element.innerText || element.value),
        visible: inside && element.matches(':focus-visible') && (outlined || shadowed),
    };";

/// What has the focus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Focus {
    /// The element's tag, such as `button`.
    pub kind: String,
    /// What it is called: its label, or its text.
    pub name: String,
    /// Whether it is in view and shows that it has the focus.
    pub visible: bool,
}

impl Browser {
    /// Types into whatever has the focus: text, or keys such as [`Key::Enter`].
    pub async fn keys(&self, keys: impl Into<TypingData>) -> Result<()> {
        Ok(self.web()?.action_chain().send_keys(keys).perform().await?)
    }

    /// What has the focus; `None` where it is the page itself.
    pub async fn focus(&self) -> Result<Option<Focus>> {
        let focus = self.script(FOCUS, vec![]).await?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(focus.is_object().then(|| Focus {
            kind: text(&focus["kind"]),
            name: text(&focus["name"]),
            visible: focus["visible"] == true,
        }))
    }

    /// Presses Tab. What it leads to has to show that it has the focus.
    pub async fn tab(&self) -> Result<Option<Focus>> {
        self.keys(Key::Tab).await?;
        match self.focus().await? {
            Some(focus) if !focus.visible => {
                Err(Failure::new(format!("one cannot see the focus on {focus:?} of {}", self.path().await?)))
            }
            focus => Ok(focus),
        }
    }

    /// Presses Tab until something of this name, or whose name begins so, has the focus.
    pub async fn tab_to(&self, name: &str) -> Result<Focus> {
        let mut passed = Vec::new();
        for _ in 0..FAR {
            if let Some(focus) = self.tab().await? {
                if focus.name.starts_with(name) {
                    return Ok(focus);
                }
                passed.push(focus.name);
            }
        }
        Err(Failure::new(format!("Tab never led to `{name}`, but to {passed:?}")))
    }

    /// Tabs to a field and types into it.
    pub async fn tab_and_type(&self, label: &str, text: &str) -> Result<()> {
        self.tab_to(label).await?;
        self.keys(text).await
    }

    /// Tabs to a button and presses Space, or to a link and presses Enter.
    pub async fn tab_and_press(&self, name: &str) -> Result<()> {
        let focus = self.tab_to(name).await?;
        self.keys(if focus.kind == "a" { Key::Enter } else { Key::Space }).await
    }

    /// Goes once through everything Tab leads to, and answers the names in their order.
    pub async fn tab_through(&self) -> Result<Vec<String>> {
        self.script("document.activeElement?.blur(); getSelection()?.removeAllRanges()", vec![]).await?;
        let mut names: Vec<String> = Vec::new();
        for _ in 0..FAR {
            match self.tab().await? {
                Some(focus) => names.push(format!("{} {}", focus.kind, focus.name)),
                None if names.is_empty() => {}
                None => break,
            }
        }
        Ok(names)
    }
}
