//! Records of another organisation, on every route.

use super::{Place, operations::OPERATIONS};
use crate::common::text;
use invite_tests::Result;
use serde_json::{Value, json};

/// What names one record of each kind.
struct Names {
    company: Value,
    contact: String,
    trucker: Value,
}

impl Names {
    /// A company, a contact of it, invited, and a trucker, each with the remote id `MINE`.
    async fn of_new(place: &Place) -> Result<Self> {
        let body = json!({ "name": "Bouvet", "country": "FR", "remote_id": "MINE", "trade_number": "1" });
        let company = place.ask("POST", "/api/v4/companies/", body, 201).await?["pk"].clone();
        let body = json!({
            "company": { "pk": company }, "last_name": "Bouvet", "email": "adele@bouvet.example", "remote_id": "MINE",
        });
        let contact = place.ask("POST", "/api/v4/contacts/", body, 201).await?;
        let contact = text(&contact, "/uid")?.to_owned();
        place.ask("POST", &format!("/api/v4/contacts/{contact}/invite/"), Value::Null, 200).await?;
        let body =
            json!({ "user": { "email": "t@bouvet.example" }, "remote_id": "MINE", "carrier": { "pk": company } });
        let trucker = place.ask("POST", "/api/v4/manager-truckers/", body, 201).await?["pk"].clone();
        Ok(Self { company, contact, trucker })
    }

    fn nobodys() -> Self {
        Self {
            company: json!(999_999),
            contact: "0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5".to_owned(),
            trucker: json!(999_999),
        }
    }

    fn path(&self, operation: &str) -> String {
        let operation = operation.replace("{c}", &self.company.to_string()).replace("{t}", &self.trucker.to_string());
        format!("/api/v4/{}", operation.replace("{p}", &self.contact))
    }
}

/// A body the operation takes; contact and trucker are put into this company.
fn body(method: &str, operation: &str, company: &Value) -> Value {
    match method {
        "GET" | "DELETE" => Value::Null,
        _ if operation.ends_with("invite/") || operation.ends_with("code/") => Value::Null,
        _ if operation.starts_with("companies") => json!({ "name": "New", "country": "FR" }),
        _ if operation.starts_with("contacts") => json!({ "last_name": "New", "company": company }),
        _ => json!({ "user": { "last_name": "New" }, "carrier": company }),
    }
}

/// All records of an organisation, by list.
async fn everything(place: &Place, key: &str) -> Result<Vec<Value>> {
    let mut lists = Vec::new();
    for list in ["companies/", "contacts/", "manager-truckers/"] {
        lists.push(place.send(key, "GET", &format!("/api/v4/{list}"), &Value::Null).await?.expect(200)?);
    }
    Ok(lists)
}

#[tokio::test]
async fn dd_18_dd_19_what_another_organisation_has_is_unknown_on_every_route() -> Result<()> {
    let place = Place::start().await?;
    let (mine, nobodys) = (Names::of_new(&place).await?, Names::nobodys());
    place.site.mail("adele@bouvet.example", 1).await?;
    place.site.mail("t@bouvet.example", 1).await?;
    let operator = place.site.bearer(text(&place.site.setup, "/operator_key")?)?;
    let globex = json!({ "name": "Globex", "owner_email": "boss@globex.example" });
    let globex = operator.post("/v1/organizations", &globex).await?.expect(201)?;
    let other = text(&globex, "/api_key")?;
    let theirs = {
        let company = json!({ "name": "Petit", "country": "FR", "trade_number": "2" });
        let company = place.send(other, "POST", "/api/v4/companies/", &company).await?.expect(201)?["pk"].clone();
        let contact = json!({ "company": { "pk": company }, "last_name": "Petit" });
        let contact = place.send(other, "POST", "/api/v4/contacts/", &contact).await?.expect(201)?;
        let trucker = place.send(other, "POST", "/api/v4/manager-truckers/", &json!({})).await?.expect(201)?;
        Names { company, contact: text(&contact, "/uid")?.to_owned(), trucker: trucker["pk"].clone() }
    };
    let before = everything(&place, place.key()?).await?;
    let before_theirs = everything(&place, other).await?;
    let not_found = json!({ "non_field_errors": { "code": ["not_found"], "detail": ["Not found."] } });
    let no_company = |company: Value| json!({ "pk": company });

    for (method, operation) in OPERATIONS {
        if operation.contains('{') {
            // Another organisation's record, by its id and by its remote id, is as unknown as a random one.
            let body = body(method, operation, &no_company(theirs.company.clone()));
            let by_remote_id =
                ["{c}", "{p}", "{t}"].into_iter().fold(operation.to_owned(), |path, id| path.replace(id, "MINE"));
            let by_remote_id = format!("/api/v4/{by_remote_id}?lookup_field=remote_id");
            for path in [mine.path(operation), nobodys.path(operation), by_remote_id] {
                let answer = place.send(other, method, &path, &body).await?;
                assert_eq!((answer.status, answer.json()?), (404, not_found.clone()), "{method} {path}");
            }
        }
        if matches!(method, "POST" | "PUT" | "PATCH") && !body(method, operation, &Value::Null).is_null() {
            if operation.starts_with("companies") {
                continue;
            }
            // A company of another organisation takes in nobody of one's own.
            let mut refusals = Vec::new();
            for company in [
                no_company(mine.company.clone()),
                no_company(nobodys.company.clone()),
                json!({ "remote_id": "MINE" }),
                json!({ "remote_id": "NOBODYS" }),
            ] {
                let body = body(method, operation, &company);
                let answer = place.send(other, method, &theirs.path(operation), &body).await?;
                assert_eq!(answer.status, 400, "{method} {operation} {body}: {}", answer.text);
                refusals.push(answer.text);
            }
            assert!(refusals.iter().all(|refusal| *refusal == refusals[0]), "{method} {operation}: {refusals:?}");
        }
    }
    let of_company = format!("/api/v4/contacts/?company__id={}", mine.company);
    let found = place.send(other, "GET", &of_company, &Value::Null).await?.expect(200)?;
    assert_eq!(found["count"], 0, "{found}");

    assert_eq!(everything(&place, place.key()?).await?, before);
    assert_eq!(everything(&place, other).await?, before_theirs);
    // Whatever was to be sent would be sent before this one.
    place.site.invite("last@example.org").await?;
    let mailed = ["adele@bouvet.example", "t@bouvet.example"].map(|address| place.site.mails_to(address));
    assert_eq!((mailed, place.sms.messages().len()), ([1, 1], 0));

    // The same names in one's own organisation are free: what is found is never another's.
    let same = json!({ "name": "Bouvet", "country": "FR", "remote_id": "MINE", "trade_number": "1" });
    let own = place.send(other, "POST", "/api/v4/companies/", &same).await?.expect(201)?;
    assert_ne!(own["pk"], mine.company);
    assert_eq!(everything(&place, place.key()?).await?, before);
    Ok(())
}
