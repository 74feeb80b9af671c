//! What is in the host's tables before anybody is invited: its own code wrote it, in its own way.

use crate::{
    HostStore,
    tables::{Seat, Team, TeamRole, User},
};
use invite_domain::{
    access::SystemRole,
    directory::{Limits, Policy},
    email::EmailAddress,
    id::{AccountId, OrganizationId, RoleId, uuid_v7},
    service::World,
};
use uuid::Uuid;

/// A team, by the ids the domain knows it by.
pub(crate) struct Founded {
    pub(crate) team: OrganizationId,
    pub(crate) owner: AccountId,
    pub(crate) planner: RoleId,
}

impl HostStore {
    /// A team with its owner Olga, and a role that writes timesheets.
    pub(crate) fn found_team(&self, world: &World) -> Founded {
        let now = world.clock.now();
        let uuid = || uuid_v7(now, &*world.entropy);
        let mut tables = self.tables();
        let (owner, team, planner) = (uuid(), uuid(), uuid());
        let user_id = tables.users.add(|id| User {
            id,
            uuid: owner,
            mail: Some("Olga@timesheets.example".to_owned()),
            mail_key: Some("olga@timesheets.example".to_owned()),
            mail_confirmed: true,
            phone: None,
            nickname: None,
            display_name: Some("Olga".to_owned()),
            password_verifier: None,
            language: None,
            about: None,
            last_visit: None,
            visit_before: None,
            joined: now,
            revision: 1,
        });
        let team_id = tables.teams.add(|id| Team {
            id,
            uuid: team,
            title: "Roof & Wall".to_owned(),
            handle: "roof-and-wall".to_owned(),
            former_handles: Vec::new(),
            language: Some("en".to_owned()),
            time_zone: "Europe/Zurich".to_owned(),
            policy: Policy::default(),
            limits: Limits::default(),
            invoice_fields: "{}".to_owned(),
            rights_epoch: 1,
            founded: now,
            settings_changed: now,
            closed: None,
            revision: 1,
        });
        let mut add_role = |uuid: Uuid, title: &str, built_in, rights: &str| {
            tables.team_roles.add(|id| TeamRole {
                id,
                uuid,
                team: team_id,
                title: title.to_owned(),
                purpose: None,
                built_in,
                rights: rights.to_owned(),
                made: now,
                changed: now,
                revision: 1,
            })
        };
        let owner_role = add_role(uuid(), "owner", Some(SystemRole::Owner), "");
        add_role(planner, "Planner", None, "members.read timesheets.read timesheets.write");
        let seat = uuid();
        tables.seats.add(|id| Seat {
            id,
            uuid: seat,
            team: team_id,
            user: user_id,
            role: Some(owner_role),
            extra_rights: String::new(),
            enabled: true,
            cents_an_hour: None,
            remarks: None,
            contact: None,
            since: now,
            revision: 1,
        });
        Founded {
            team: OrganizationId::from_uuid(team),
            owner: AccountId::from_uuid(owner),
            planner: RoleId::from_uuid(planner),
        }
    }

    /// A user and his seat, as the host's own pages read them.
    pub(crate) fn user_with_seat(&self, team: OrganizationId, mail: &EmailAddress) -> Option<(User, Seat)> {
        let tables = self.tables();
        let user = tables.user_at(mail)?;
        let seat = tables.seat_of(tables.open_team(team)?, user)?;
        Some((user.clone(), seat.clone()))
    }
}
