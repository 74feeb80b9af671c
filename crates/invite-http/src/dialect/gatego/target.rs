//! What an invitation forces beside address and role: carriers and a yard, as the metadata of the grant.

use super::OWN;
use crate::dto::opaque;
use serde_json::{Value, json};

/// Numbers of another system. Nobody here looks into them.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Target {
    pub(super) carrier_id: Option<i64>,
    pub(super) yard_id: Option<i64>,
    pub(super) can_view_carrier_ids: Vec<i64>,
    pub(super) can_view_other_carriers: bool,
}

impl Target {
    /// The metadata of the grant.
    pub(super) fn metadata(&self) -> String {
        let own = json!({
            "carrier_id": self.carrier_id,
            "yard_id": self.yard_id,
            "can_view_carrier_ids": self.can_view_carrier_ids,
            "can_view_other_carriers": self.can_view_other_carriers,
        });
        json!({ OWN: own }).to_string()
    }

    /// What metadata says. They may come from elsewhere: whatever has another type is not there.
    pub(super) fn of(metadata: Option<&str>) -> Self {
        let all = metadata.map(opaque).unwrap_or_default();
        let own = &all[OWN];
        let carriers = own["can_view_carrier_ids"].as_array();
        Self {
            carrier_id: own["carrier_id"].as_i64(),
            yard_id: own["yard_id"].as_i64(),
            can_view_carrier_ids: carriers.into_iter().flatten().filter_map(Value::as_i64).collect(),
            can_view_other_carriers: own["can_view_other_carriers"].as_bool().unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gg_6_what_an_invitation_forces_comes_back_from_its_metadata() {
        let target = Target {
            carrier_id: Some(i64::MAX),
            yard_id: Some(-1),
            can_view_carrier_ids: vec![1, 2],
            can_view_other_carriers: true,
        };
        assert_eq!(Target::of(Some(&target.metadata())), target);
        assert_eq!(Target::of(Some(&Target::default().metadata())), Target::default());
        let other = r#"{"gatego":{"carrier_id":"7","yard_id":1.5,"can_view_carrier_ids":[1,"2"]},"team":"north"}"#;
        assert_eq!(Target::of(Some(other)), Target { can_view_carrier_ids: vec![1], ..Target::default() });
        for nothing in [None, Some("{}"), Some("[]"), Some(r#"{"gatego":7}"#)] {
            assert_eq!(Target::of(nothing), Target::default());
        }
    }
}
