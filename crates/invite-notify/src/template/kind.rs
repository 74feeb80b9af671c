//! The kinds of mail and the words each is made of.

/// A kind of mail.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub enum MailKind {
    /// Somebody is invited.
    #[default]
    Invitation,
    /// The invitation ends soon.
    Reminder,
    /// A fresh link for an invitation sent before.
    FreshLink,
    /// To the inviter: the invitation was accepted.
    Accepted,
    /// To an administrator: the invitation waits for a sponsor.
    Suspended,
    /// The first link of an organisation's owner.
    OwnerLink,
    /// A password is to be set anew.
    PasswordReset,
    /// To an address that is to become an account's.
    AddressChange,
    /// To the address an account had.
    AddressChanged,
}

/// The catalogue's keys for what a mail of one kind says. What it does not say is `None`.
pub(super) struct Keys {
    pub(super) subject: &'static str,
    pub(super) preheader: &'static str,
    pub(super) heading: &'static str,
    /// The body, and the same with the fact that decides between them: the role, or for a suspended invitation the
    /// inviter's name.
    pub(super) body: [&'static str; 2],
    pub(super) detail: Option<&'static str>,
    pub(super) valid: Option<&'static str>,
    pub(super) link: Option<LinkKeys>,
    pub(super) why: Option<&'static str>,
    pub(super) ignore: Option<&'static str>,
    pub(super) message_heading: Option<&'static str>,
}

impl Keys {
    /// The same, where nobody knows what the inviter is called: else the organisation would invite to itself.
    fn unnamed(self, subject: &'static str, body: [&'static str; 2]) -> Self {
        Self {
            subject,
            body,
            why: Some("mail-invitation-why-unnamed"),
            message_heading: Some("mail-invitation-message-heading-unnamed"),
            ..self
        }
    }
}

/// The keys for the words around the link.
pub(super) struct LinkKeys {
    pub(super) button: &'static str,
    pub(super) intro: &'static str,
    pub(super) note: &'static str,
}

impl LinkKeys {
    const INVITATION: Self = Self::personal("mail-invitation-button", "mail-invitation-link");
    const NOTICE: Self =
        Self { button: "mail-invitation-button", intro: "mail-notice-link", note: "mail-notice-sign-in" };

    /// A link with a secret.
    const fn personal(button: &'static str, intro: &'static str) -> Self {
        Self { button, intro, note: "mail-link-personal" }
    }
}

impl MailKind {
    /// All kinds.
    pub const ALL: [Self; 9] = [
        Self::Invitation,
        Self::Reminder,
        Self::FreshLink,
        Self::Accepted,
        Self::Suspended,
        Self::OwnerLink,
        Self::PasswordReset,
        Self::AddressChange,
        Self::AddressChanged,
    ];

    /// Its name: the stem of its templates' file names.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Reminder => "reminder",
            Self::FreshLink => "fresh-link",
            Self::Accepted => "accepted",
            Self::Suspended => "suspended",
            Self::OwnerLink => "owner-link",
            Self::PasswordReset => "password-reset",
            Self::AddressChange => "address-change",
            Self::AddressChanged => "address-changed",
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether it invites somebody, with a short code beside the link.
    pub(super) const fn invites(self) -> bool {
        matches!(self, Self::Invitation | Self::Reminder | Self::FreshLink)
    }

    /// The keys of a mail whose inviter has a name, if the mail has one, or has none.
    pub(super) fn keys(self, named: bool) -> Keys {
        let keys = self.named_keys();
        match self {
            _ if named => keys,
            Self::Invitation => keys.unnamed(
                "mail-invitation-subject-unnamed",
                ["mail-invitation-body-unnamed", "mail-invitation-body-role-unnamed"],
            ),
            Self::Reminder => keys.unnamed(
                "mail-reminder-subject-unnamed",
                ["mail-reminder-body-unnamed", "mail-reminder-body-role-unnamed"],
            ),
            Self::FreshLink => keys.unnamed(
                "mail-renewed-subject-unnamed",
                ["mail-renewed-body-unnamed", "mail-renewed-body-role-unnamed"],
            ),
            _ => keys,
        }
    }

    /// Whether a mail of this kind has a link.
    pub(super) const fn has_link(self) -> bool {
        self.named_keys().link.is_some()
    }

    const fn named_keys(self) -> Keys {
        match self {
            Self::Invitation => Keys {
                subject: "mail-invitation-subject",
                preheader: "mail-invitation-preheader",
                heading: "mail-invitation-heading",
                body: ["mail-invitation-body", "mail-invitation-body-role"],
                ..INVITING
            },
            Self::Reminder => Keys {
                subject: "mail-reminder-subject",
                preheader: "mail-reminder-preheader",
                heading: "mail-reminder-heading",
                body: ["mail-reminder-body", "mail-reminder-body-role"],
                ignore: Some("mail-reminder-ignore"),
                ..INVITING
            },
            Self::FreshLink => Keys {
                subject: "mail-renewed-subject",
                preheader: "mail-renewed-preheader",
                heading: "mail-renewed-heading",
                body: ["mail-renewed-body", "mail-renewed-body-role"],
                ..INVITING
            },
            Self::Accepted => Keys {
                subject: "mail-accepted-subject",
                preheader: "mail-accepted-preheader",
                heading: "mail-accepted-heading",
                body: ["mail-accepted-body", "mail-accepted-body-role"],
                detail: Some("mail-accepted-recipient"),
                valid: None,
                link: Some(LinkKeys::NOTICE),
                why: Some("mail-accepted-why"),
                ignore: Some("mail-accepted-ignore"),
                message_heading: None,
            },
            Self::Suspended => Keys {
                subject: "mail-suspended-subject",
                preheader: "mail-suspended-preheader",
                heading: "mail-suspended-heading",
                body: ["mail-suspended-body-unnamed", "mail-suspended-body"],
                detail: None,
                valid: Some("mail-suspended-valid"),
                link: Some(LinkKeys::NOTICE),
                why: Some("mail-suspended-why"),
                ignore: Some("mail-suspended-ignore"),
                message_heading: None,
            },
            Self::OwnerLink => Keys {
                subject: "mail-owner-subject",
                preheader: "mail-owner-preheader",
                heading: "mail-owner-heading",
                body: ["mail-owner-body"; 2],
                valid: Some("mail-owner-valid"),
                link: Some(LinkKeys::personal("mail-owner-button", "mail-owner-link")),
                ignore: Some("mail-owner-ignore"),
                ..ACCOUNT
            },
            Self::PasswordReset => Keys {
                subject: "mail-reset-subject",
                heading: "mail-reset-heading",
                body: ["mail-reset-body"; 2],
                link: Some(LinkKeys::personal("mail-reset-button", "mail-reset-link")),
                ignore: Some("mail-reset-ignore"),
                ..ACCOUNT
            },
            Self::AddressChange => Keys {
                subject: "mail-address-subject",
                heading: "mail-address-heading",
                body: ["mail-address-body"; 2],
                link: Some(LinkKeys::personal("mail-address-button", "mail-address-link")),
                ignore: Some("mail-address-ignore"),
                ..ACCOUNT
            },
            // Its reader may have lost the account, and whoever has it now can sign in: a link would help only the second.
            Self::AddressChanged => Keys {
                subject: "mail-changed-subject",
                preheader: "mail-changed-preheader",
                heading: "mail-changed-heading",
                body: ["mail-changed-body"; 2],
                valid: Some("mail-changed-warning"),
                ..ACCOUNT
            },
        }
    }
}

/// What mails that invite have in common.
const INVITING: Keys = Keys {
    subject: "",
    preheader: "",
    heading: "",
    body: [""; 2],
    detail: None,
    valid: Some("mail-invitation-until"),
    link: Some(LinkKeys::INVITATION),
    why: Some("mail-invitation-why"),
    ignore: Some("mail-invitation-ignore"),
    message_heading: Some("mail-invitation-message-heading"),
};

/// What mails about an account have in common.
const ACCOUNT: Keys = Keys {
    subject: "",
    preheader: "mail-reset-preheader",
    heading: "",
    body: [""; 2],
    detail: None,
    valid: Some("mail-reset-valid"),
    link: None,
    why: None,
    ignore: None,
    message_heading: None,
};
