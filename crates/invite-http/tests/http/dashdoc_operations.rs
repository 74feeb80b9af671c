//! What is spoken of the Dashdoc dialect, for the walks over all of it.

/// Every operation on records of these ids; `{c}`, `{p}` and `{t}` stand for company, contact and trucker.
pub(crate) const OPERATIONS: [(&str, &str); 20] = [
    ("GET", "companies/"),
    ("POST", "companies/"),
    ("GET", "companies/{c}/"),
    ("PATCH", "companies/{c}/"),
    ("PUT", "companies/{c}/"),
    ("DELETE", "companies/{c}/"),
    ("GET", "contacts/"),
    ("POST", "contacts/"),
    ("GET", "contacts/{p}/"),
    ("PATCH", "contacts/{p}/"),
    ("PUT", "contacts/{p}/"),
    ("DELETE", "contacts/{p}/"),
    ("POST", "contacts/{p}/invite/"),
    ("GET", "manager-truckers/"),
    ("POST", "manager-truckers/"),
    ("GET", "manager-truckers/{t}/"),
    ("PATCH", "manager-truckers/{t}/"),
    ("PUT", "manager-truckers/{t}/"),
    ("DELETE", "manager-truckers/{t}/"),
    ("POST", "manager-truckers/{t}/generate-invite-code/"),
];
