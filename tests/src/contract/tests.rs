use super::*;
use serde_json::json;
use std::collections::BTreeSet;

fn invite() -> Value {
    json!({
        "id": 1, "email": "a@example.org", "default_rate": 15000, "expires_at": "2000-01-01 00:00:00",
        "permissions": null,
        "role": {
            "id": 1, "scope": "organisations", "name": "Administrator", "description": "", "permissions": {"a": true},
            "created_at": "2000-01-01 00:00:00", "updated_at": "2000-01-01 00:00:00", "deleted_at": null,
            "deleted": false
        }
    })
}

fn faults(value: &Value, nulls: Nulls) -> Vec<String> {
    shape("dailys_invite").faults(value, nulls)
}

#[test]
fn an_answer_as_printed_has_its_shape() {
    assert_shape("dailys_invite", &invite(), Nulls::Forbidden);
    assert_shape("dailys_store", &json!({"success": true, "invite": invite()}), Nulls::Forbidden);
}

#[test]
fn a_missing_key_is_reported_at_any_depth() {
    let mut value = invite();
    value.as_object_mut().unwrap().remove("email");
    value["role"].as_object_mut().unwrap().remove("scope");
    assert_eq!(faults(&value, Nulls::Allowed), ["$.email: missing", "$.role.scope: missing"]);
}

#[test]
fn an_additional_key_is_reported_at_any_depth_but_not_in_a_free_object() {
    let mut value = invite();
    value["organisation"] = json!({});
    value["role"]["users"] = json!(3);
    value["role"]["permissions"]["b"] = json!(true);
    assert_eq!(faults(&value, Nulls::Allowed), ["$.role.users: additional", "$.organisation: additional"]);
}

#[test]
fn a_wrong_type_is_reported_and_a_fraction_is_no_integer() {
    let mut value = invite();
    value["id"] = json!("1");
    value["default_rate"] = json!(15000.0);
    value["role"]["deleted"] = json!(0);
    let wrong = ["default_rate: number", "id: string", "role.deleted: integer"];
    let right = ["integer", "integer", "boolean"];
    let expected: Vec<String> =
        wrong.iter().zip(right).map(|(wrong, right)| format!("$.{wrong} instead of {right}")).collect();
    assert_eq!(faults(&value, Nulls::Allowed), expected);
}

#[test]
fn a_number_may_be_whole() {
    let latitude = &shape("dashdoc_company").keys().unwrap()["primary_address"].keys().unwrap()["latitude"];
    for value in [json!(52), json!(-52.5)] {
        assert_eq!(latitude.faults(&value, Nulls::Forbidden), Vec::<String>::new());
    }
    assert_eq!(latitude.faults(&json!("52"), Nulls::Allowed), ["$: string instead of number"]);
}

#[test]
fn a_null_is_reported_unless_it_has_its_reason() {
    let mut value = invite();
    value["role"] = Value::Null;
    assert_eq!(faults(&value, Nulls::Allowed), Vec::<String>::new());
    let refused = "$.role: null instead of object: the answer must have a value here";
    assert_eq!(faults(&value, Nulls::Forbidden), [refused]);
    value["email"] = Value::Null;
    let never = "$.email: null instead of string: it is never null";
    assert_eq!(faults(&value, Nulls::Allowed), [never]);
    assert_eq!(faults(&value, Nulls::Forbidden), [never, refused]);
    let mut unset = shape("dashdoc_contact").keys().unwrap()["fax_number"].clone();
    assert_eq!(unset.null_ok, Some(NullReason::Unset));
    assert_eq!(unset.faults(&Value::Null, Nulls::Allowed), Vec::<String>::new());
    unset.null_ok = None;
    assert_eq!(unset.faults(&Value::Null, Nulls::Allowed).len(), 1);
}

#[test]
fn every_item_of_an_array_is_looked_at() {
    let mut second = invite();
    second["id"] = json!(true);
    let page = json!({
        "current_page": 1, "data": [invite(), second, 3], "from": null, "last_page": 1, "next_page_url": null,
        "path": "p", "per_page": 100, "prev_page_url": "p?page=1", "to": 2, "total": 2
    });
    let expected = ["$.data[1].id: boolean instead of integer", "$.data[2]: integer instead of object"];
    assert_eq!(shape("dailys_index").faults(&page, Nulls::Allowed), expected);
}

#[test]
#[should_panic(
    expected = "not the shape gatego_tokens:\n  $.access_token: missing\n  $.jwt_token: missing\n  $.x: additional"
)]
fn an_assertion_reports_every_fault_at_once() {
    assert_shape("gatego_tokens", &json!({"refresh_token": "r", "x": 1}), Nulls::Allowed);
}

#[test]
fn a_fault_does_not_print_the_value() {
    let faults = shape("gatego_tokens").faults(&json!("a-secret"), Nulls::Allowed);
    assert_eq!(faults, ["$: string instead of object"]);
}

#[test]
fn the_fixture_has_every_statement_of_the_contract_in_order() {
    let numbered = |prefix: &'static str, last: usize| (1..=last).map(move |number| format!("{prefix}-{number}"));
    let expected: Vec<String> = numbered("DD", 27).chain(numbered("DL", 30)).chain(numbered("GG", 20)).collect();
    let ids: Vec<&String> = statements().iter().map(|statement| &statement.id).collect();
    assert_eq!(ids, expected.iter().collect::<Vec<_>>());
    for statement in statements() {
        assert!(!statement.marks.is_empty() && !statement.text.is_empty(), "{}", statement.id);
    }
    let named = |wanted: fn(&Statement) -> bool| -> Vec<&str> {
        statements().iter().filter(|statement| wanted(statement)).map(|statement| statement.id.as_str()).collect()
    };
    assert_eq!(named(|statement| statement.deviates), ["DD-3"]);
    let ours = named(|statement| !statement.binding());
    let expected = "DD-6 DD-10 DD-12 DD-13 DD-14 DD-15 DD-19 DD-20 DL-26 DL-27 GG-11 GG-12 GG-15 GG-16 GG-19";
    assert_eq!(ours.join(" "), expected);
}

#[test]
fn the_fixture_has_as_many_keys_as_the_pages_print() {
    let counts = [
        ("dashdoc_invite_contact", 13),
        ("dashdoc_generate_invite_code", 24),
        ("dashdoc_company", 24),
        ("dailys_index", 10),
        ("dailys_show", 6),
        ("dailys_invite_with_organisation", 7),
        ("dailys_role", 9),
        ("dailys_organisation", 25),
        ("gatego_create_invited_account", 30),
        ("gatego_invitation", 10),
    ];
    for (name, count) in counts {
        assert_eq!(shape(name).keys().unwrap().len(), count, "{name}");
    }
    assert_eq!(shape("dashdoc_trucker").keys().unwrap()["user"].keys().unwrap().len(), 9);
    assert_eq!(shape("dashdoc_company").keys().unwrap()["primary_address"].keys().unwrap().len(), 19);
    assert_eq!(gatego_roles().len(), 11);
    assert_eq!(dailys_sort_keys(), ["email", "expires_at", "default_rate"]);
}

/// Holds that a shape says what is in it, once, and that what it names exists.
fn well_formed(name: &str, part: &Shape) {
    let told = [part.keys.is_some(), part.shape.is_some(), part.free, part.items.is_some()];
    let expected = match part.kind {
        JsonType::Object | JsonType::Array => 1,
        _ => 0,
    };
    assert_eq!(told.into_iter().filter(|told| *told).count(), expected, "{name}");
    assert_eq!(part.items.is_some(), part.kind == JsonType::Array, "{name}");
    part.shape.iter().for_each(|other| assert!(shape(other).kind == JsonType::Object, "{name}"));
    for (key, inner) in part.keys.iter().flatten() {
        assert_eq!(inner.mark, None, "{name}.{key}");
        well_formed(&format!("{name}.{key}"), inner);
    }
    part.items.iter().for_each(|inner| well_formed(&format!("{name}[]"), inner));
}

#[test]
fn every_shape_is_well_formed_and_every_sample_has_one() {
    for (name, shape) in &CONTRACT.shapes {
        assert!(shape.mark.is_some(), "{name}");
        well_formed(name, shape);
    }
    assert_eq!(sample_names().count(), 8);
    for name in sample_names() {
        assert_eq!(shape(name).mark, Some(Mark::S), "{name}");
        assert!(name.starts_with(&sample(name).dialect), "{name}");
    }
}

#[test]
fn every_printed_body_of_an_error_has_the_envelope() {
    for status in [401, 403, 404, 405] {
        assert_shape("dailys_error", dailys_error(status), Nulls::Forbidden);
    }
    let messages: BTreeSet<&str> = CONTRACT.dailys_errors.iter().filter_map(|body| body["message"].as_str()).collect();
    assert_eq!(messages.len(), 4);
}

#[test]
fn a_sample_is_filled_in_with_the_type_it_is_given() {
    let values = [("email", json!("a@example.org")), ("role_id", json!(7)), ("credential", json!("k"))];
    let request = sample("dailys_store").filled(&values).unwrap();
    assert_eq!(request.body, Some(json!({"email": "a@example.org", "default_rate": 15000, "role_id": 7})));
    assert_eq!(request.headers, [("Authorization".to_owned(), "Bearer k".to_owned())]);
    let request =
        sample("dashdoc_generate_invite_code").filled(&[("pk", json!(12)), ("credential", json!("k"))]).unwrap();
    assert_eq!(request.path, "/api/v4/manager-truckers/12/generate-invite-code/");
    assert_eq!(request.headers.last().unwrap(), &("Authentication".to_owned(), "k".to_owned()));
    assert_eq!(request.body, None);
}

#[test]
fn a_sample_with_an_open_placeholder_or_a_stray_value_is_refused() {
    let sample = sample("gatego_create_invited_account");
    assert_eq!(sample.filled(&[]).unwrap_err().to_string(), "{code} is not filled in");
    let stray = sample.filled(&[("code", json!("c")), ("uid", json!("u"))]);
    assert_eq!(stray.unwrap_err().to_string(), "POST /api/public/account/invited-account has no {uid}");
}

#[test]
fn a_request_does_not_print_its_credential() {
    let request = sample("dailys_index").filled(&[("credential", json!("very-secret"))]).unwrap();
    assert!(!format!("{request:?}").contains("very-secret"));
}
