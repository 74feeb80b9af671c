use async_trait::async_trait;
use invite_domain::{
    directory::Slug,
    email::EmailAddress,
    id::{InvitationId, MessageId},
    invitation::Channel,
    phone::PhoneNumber,
    port::{DeliveryError, Destination, Notification, NotificationContent, Notifier, Occasion},
    secret::code::CodeText,
    time::Timestamp,
};
use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The token or code of a delivered message, for the test that plays the recipient.
#[derive(Clone, PartialEq, Eq)]
pub struct DeliveredToken(String);

impl DeliveredToken {
    /// The text.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DeliveredToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeliveredToken(…)")
    }
}

/// What a delivered message said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DeliveredContent {
    /// Somebody is invited.
    Invitation {
        /// Why it was sent.
        occasion: Occasion,
        /// What the inviter is called.
        inviter_name: Option<String>,
        /// What the organisation is called.
        organization_name: String,
        /// What the role is called.
        role_name: Option<String>,
        /// When the invitation expires.
        expires_at: Timestamp,
        /// What the inviter adds.
        message: Option<String>,
        /// Where the code is entered.
        organization_slug: Slug,
    },
    /// The first link of an organisation's owner.
    OwnerLink {
        /// What the organisation is called.
        organization_name: Option<String>,
        /// When the link ends.
        expires_at: Timestamp,
    },
    /// A password is to be set anew.
    PasswordReset {
        /// When the link ends.
        expires_at: Timestamp,
    },
    /// A new address is to be proven.
    AddressChange {
        /// When the link ends.
        expires_at: Timestamp,
    },
    /// An account has another address now.
    AddressChanged {
        /// The new one, masked.
        new_masked: String,
    },
    /// An invitation was accepted.
    Accepted {
        /// Which.
        invitation_id: InvitationId,
        /// Who was invited.
        recipient: String,
        /// What the new member is called.
        member_name: Option<String>,
    },
    /// An invitation waits for a sponsor.
    Suspended {
        /// Which.
        invitation_id: InvitationId,
        /// Who was invited.
        recipient: String,
        /// What the inviter is called.
        inviter_name: Option<String>,
    },
}

/// One message that was delivered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delivered {
    /// Names the message.
    pub message_id: MessageId,
    /// When the message was made.
    pub created_at: Timestamp,
    /// How it travelled.
    pub channel: Channel,
    /// To whom.
    pub to: Destination,
    /// The languages to try in turn.
    pub locales: Vec<Option<String>>,
    /// The time zone for dates.
    pub time_zone: String,
    /// What it said.
    pub content: DeliveredContent,
    /// The token it carried; empty where it carried none.
    pub token: DeliveredToken,
    /// The short code it carried, where it had one.
    pub code: Option<DeliveredToken>,
}

impl From<&Notification> for Delivered {
    fn from(notification: &Notification) -> Self {
        let (content, token) = match &notification.content {
            NotificationContent::Invitation {
                occasion,
                inviter_name,
                organization_name,
                role_name,
                expires_at,
                message,
                token,
                code: _,
                organization_slug,
            } => (
                DeliveredContent::Invitation {
                    occasion: *occasion,
                    inviter_name: inviter_name.clone(),
                    organization_name: organization_name.clone(),
                    role_name: role_name.clone(),
                    expires_at: *expires_at,
                    message: message.clone(),
                    organization_slug: organization_slug.clone(),
                },
                token.expose(),
            ),
            NotificationContent::OwnerLink { organization_name, expires_at, token } => {
                let organization_name = organization_name.clone();
                (DeliveredContent::OwnerLink { organization_name, expires_at: *expires_at }, token.expose())
            }
            NotificationContent::PasswordReset { expires_at, token } => {
                (DeliveredContent::PasswordReset { expires_at: *expires_at }, token.expose())
            }
            NotificationContent::AddressChange { expires_at, token } => {
                (DeliveredContent::AddressChange { expires_at: *expires_at }, token.expose())
            }
            NotificationContent::AddressChanged { new_masked, at: _ } => {
                (DeliveredContent::AddressChanged { new_masked: new_masked.clone() }, "")
            }
            NotificationContent::Accepted { invitation_id, recipient, member_name, .. } => {
                let (recipient, member_name) = (recipient.clone(), member_name.clone());
                (DeliveredContent::Accepted { invitation_id: *invitation_id, recipient, member_name }, "")
            }
            NotificationContent::Suspended { invitation_id, recipient, inviter_name, .. } => {
                let (recipient, inviter_name) = (recipient.clone(), inviter_name.clone());
                (DeliveredContent::Suspended { invitation_id: *invitation_id, recipient, inviter_name }, "")
            }
        };
        let code = match &notification.content {
            NotificationContent::Invitation { code, .. } => code.as_ref().map(CodeText::expose),
            _ => None,
        };
        Self {
            message_id: notification.message_id,
            created_at: notification.created_at,
            channel: notification.to.channel(),
            to: notification.to.clone(),
            locales: notification.locales.clone(),
            time_zone: notification.time_zone.clone(),
            content,
            token: DeliveredToken(token.to_owned()),
            code: code.map(|code| DeliveredToken(code.to_owned())),
        }
    }
}

#[derive(Debug)]
struct Script {
    channels: Vec<Channel>,
    next: VecDeque<DeliveryError>,
    always: BTreeMap<MessageId, DeliveryError>,
    attempts: Vec<MessageId>,
    delivered: Vec<Delivered>,
}

/// Keeps what it was given to deliver, and fails where it is told to.
#[derive(Debug)]
pub struct RecordingNotifier(Mutex<Script>);

impl Default for RecordingNotifier {
    fn default() -> Self {
        Self(Mutex::new(Script {
            channels: Channel::ALL.to_vec(),
            next: VecDeque::new(),
            always: BTreeMap::new(),
            attempts: Vec::new(),
            delivered: Vec::new(),
        }))
    }
}

impl RecordingNotifier {
    /// Has these channels from now on; at first it has them all.
    pub fn set_channels(&self, channels: Vec<Channel>) {
        self.script().channels = channels;
    }

    /// Fails the next `count` attempts of whatever message.
    pub fn fail_next(&self, count: usize, error: DeliveryError) {
        self.script().next.extend(std::iter::repeat_n(error, count));
    }

    /// Fails every attempt of this message.
    pub fn fail_message(&self, message: MessageId, error: DeliveryError) {
        self.script().always.insert(message, error);
    }

    /// Forgets all failures it was told of.
    pub fn recover(&self) {
        let mut script = self.script();
        script.next.clear();
        script.always.clear();
    }

    /// Every attempt so far, failed ones too, by the message's id.
    pub fn attempts(&self) -> Vec<MessageId> {
        self.script().attempts.clone()
    }

    /// Everything delivered so far, the oldest first.
    pub fn delivered(&self) -> Vec<Delivered> {
        self.script().delivered.clone()
    }

    /// Everything delivered so far, and forgets it.
    pub fn take(&self) -> Vec<Delivered> {
        std::mem::take(&mut self.script().delivered)
    }

    /// What was delivered last to the person at this address.
    pub fn last_to(&self, address: &EmailAddress) -> Option<Delivered> {
        self.last(|to| to.email() == Some(address))
    }

    /// What was delivered last to the person with this phone.
    pub fn last_to_phone(&self, number: &PhoneNumber) -> Option<Delivered> {
        self.last(|to| matches!(to, Destination::Phone(phone) if phone == number))
    }

    fn last(&self, is_wanted: impl Fn(&Destination) -> bool) -> Option<Delivered> {
        self.script().delivered.iter().rev().find(|delivered| is_wanted(&delivered.to)).cloned()
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Notifier for RecordingNotifier {
    fn channels(&self) -> Vec<Channel> {
        self.script().channels.clone()
    }

    async fn deliver(&self, notification: &Notification) -> Result<(), DeliveryError> {
        let mut script = self.script();
        script.attempts.push(notification.message_id);
        if let Some(error) = script.always.get(&notification.message_id) {
            return Err(*error);
        }
        if let Some(error) = script.next.pop_front() {
            return Err(error);
        }
        script.delivered.push(notification.into());
        Ok(())
    }
}
