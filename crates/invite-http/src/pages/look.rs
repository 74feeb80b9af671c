//! Where a page finds what makes it look like the organisation it is about.

use invite_domain::directory::look;

/// How an organisation looks, where it chose to.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Look {
    /// A style sheet that sets `--accent` and `--accent-ink`.
    pub(crate) accent_href: Option<String>,
    /// An image.
    pub(crate) logo_src: Option<String>,
}

impl Look {
    /// The addresses under the public URL's own path.
    pub(crate) fn of(look: &look::Look, base: &str) -> Self {
        let accent = |accent: &look::Accent| {
            let digits = accent.to_string();
            format!("{base}/assets/accent/{}.css", digits.trim_start_matches('#'))
        };
        let logo = |id: &look::LogoId| format!("{base}/logos/{}.png", id.as_str());
        Self { accent_href: look.accent.as_ref().map(accent), logo_src: look.logo.as_ref().map(logo) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Look, look};

    #[test]
    fn a_page_links_what_the_organisation_chose_and_nothing_else() {
        assert_eq!(Look::of(&look::Look::default(), "/base"), Look::default());
        let chosen =
            look::Look { accent: look::Accent::parse("#1A56B0").ok(), logo: look::LogoId::parse(&"a0".repeat(16)) };
        let linked = Look::of(&chosen, "/base");
        assert_eq!(linked.accent_href.as_deref(), Some("/base/assets/accent/1a56b0.css"));
        assert_eq!(linked.logo_src, Some(format!("/base/logos/{}.png", "a0".repeat(16))));
    }
}
