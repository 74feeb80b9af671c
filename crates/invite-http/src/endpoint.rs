//! One operation of the API: its handler and everything the OpenAPI document says of it, in one place, so that neither is
//! without the other.

use crate::{
    dialect::Dialect,
    extract::call::{Answer, Call},
    problem::table::{self, Kind},
    routed::{Operations, Routed},
    routes::tag,
    timely::timely,
};
use actix_web::{
    Route, guard,
    http::Method,
    web::{self, ServiceConfig},
};
use std::{collections::BTreeMap, future::Future, rc::Rc};
use utoipa::{
    ToSchema,
    openapi::{RefOr, schema::Schema},
};

/// Who may call an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Access {
    /// Anybody; a credential is not looked at.
    Public,
    /// Anybody; a signed-in person gets more.
    Optional,
    /// A person who is signed in.
    Person,
    /// A key or a member, for the effective organisation.
    Organization,
    /// The operator of the installation.
    Operator,
}

/// A query parameter.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    /// `string`, `integer`, `boolean` or `array` (of strings, the parameter repeated).
    pub(crate) kind: &'static str,
    pub(crate) example: &'static str,
}

/// The parameters every list has.
pub(crate) const PAGING: [Parameter; 3] = [
    Parameter {
        name: "limit",
        description: "The most rows of the page: 1 to 200, 50 where left out.",
        kind: "integer",
        example: "50",
    },
    Parameter {
        name: "cursor",
        description: "Where the page begins: `next_cursor` of the page before, with the same filters.",
        kind: "string",
        example: "",
    },
    Parameter {
        name: "include_total",
        description: "Whether to count all rows that match.",
        kind: "boolean",
        example: "false",
    },
];

/// Writes a schema and those it names.
pub(crate) type SchemaOf = fn(&mut Vec<(String, RefOr<Schema>)>) -> String;

/// Adds a type's schema, with those it names, and answers its name.
pub(crate) fn schema_of<T: ToSchema>(schemas: &mut Vec<(String, RefOr<Schema>)>) -> String {
    T::schemas(schemas);
    schemas.push((T::name().into_owned(), T::schema()));
    T::name().into_owned()
}

/// What a success looks like.
pub(crate) struct Success {
    pub(crate) status: u16,
    pub(crate) description: &'static str,
    pub(crate) schema: Option<SchemaOf>,
    /// Whether it is a page of that.
    pub(crate) list: bool,
    /// Whether it is any number of them, a line each.
    pub(crate) lines: bool,
}

/// What the document says of an operation.
pub(crate) struct Spec {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) id: &'static str,
    pub(crate) tag: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) description: &'static str,
    pub(crate) access: Access,
    /// The dialect it belongs to; `None` for the native API.
    pub(crate) dialect: Option<&'static Dialect>,
    /// The variables of its path, where they are not the native `id`.
    pub(crate) variables: &'static [Parameter],
    pub(crate) query: Vec<&'static Parameter>,
    /// The query parameters that have to be there.
    pub(crate) needed: &'static [&'static str],
    /// The query parameters a secret of ours may stand in.
    pub(crate) secrets: &'static [&'static str],
    pub(crate) request: Option<SchemaOf>,
    pub(crate) body_optional: bool,
    /// Whether the body is an image.
    pub(crate) takes_image: bool,
    pub(crate) successes: Vec<Success>,
    pub(crate) problems: Vec<&'static Kind>,
    pub(crate) idempotent: bool,
    pub(crate) conditional: bool,
    pub(crate) etag: bool,
    pub(crate) listing: bool,
}

impl Spec {
    /// Whether its requests are counted against a limit of requests a second. Machines that watch the service may ask as often
    /// as they want.
    pub(crate) fn is_counted(&self) -> bool {
        self.tag != tag::OPERATION
    }
}

/// An operation with its handler.
pub(crate) struct Endpoint {
    pub(crate) spec: Spec,
    route: Route,
}

impl Endpoint {
    pub(crate) fn new<F, R>(method: Method, path: &'static str, id: &'static str, handler: F) -> Self
    where
        F: Fn(Call) -> R + Clone + 'static,
        R: Future<Output = Answer> + 'static,
    {
        // HEAD is GET without the body, which the protocol layer leaves out.
        let route = if method == Method::GET { readable() } else { web::method(method.clone()) };
        let spec = Spec {
            method,
            path,
            id,
            tag: "",
            summary: "",
            description: "",
            access: Access::Organization,
            dialect: None,
            variables: &[],
            query: Vec::new(),
            needed: &[],
            secrets: &[],
            request: None,
            body_optional: false,
            takes_image: false,
            successes: Vec::new(),
            problems: Vec::new(),
            idempotent: false,
            conditional: false,
            etag: false,
            listing: false,
        };
        Self { spec, route: route.to(timely(handler)) }
    }

    pub(crate) fn about(mut self, tag: &'static str, summary: &'static str, description: &'static str) -> Self {
        (self.spec.tag, self.spec.summary, self.spec.description) = (tag, summary, description);
        self
    }

    pub(crate) fn by(mut self, access: Access) -> Self {
        self.spec.access = access;
        self
    }

    pub(crate) fn takes<T: ToSchema>(mut self) -> Self {
        self.spec.request = Some(schema_of::<T>);
        self
    }

    pub(crate) fn may_take<T: ToSchema>(mut self) -> Self {
        self.spec.body_optional = true;
        self.takes::<T>()
    }

    /// Its body is a PNG image.
    pub(crate) fn takes_image(mut self) -> Self {
        self.spec.takes_image = true;
        self.refuses(&[&table::UNSUPPORTED_MEDIA_TYPE, &table::INVALID_INPUT])
    }

    pub(crate) fn answers<T: ToSchema>(mut self, status: u16, description: &'static str) -> Self {
        let schema: Option<SchemaOf> = Some(schema_of::<T>);
        self.spec.successes.push(Success { status, description, schema, list: false, lines: false });
        self
    }

    pub(crate) fn answers_nothing(mut self, description: &'static str) -> Self {
        self.spec.successes.push(Success { status: 204, description, schema: None, list: false, lines: false });
        self
    }

    /// A list: a page of `T`, with the parameters every list has.
    pub(crate) fn lists<T: ToSchema>(mut self, description: &'static str) -> Self {
        let schema: Option<SchemaOf> = Some(schema_of::<T>);
        self.spec.successes.push(Success { status: 200, description, schema, list: true, lines: false });
        self.spec.query.extend(&PAGING);
        self.spec.listing = true;
        self
    }

    /// Any number of `T`, as JSON, a line each.
    pub(crate) fn streams<T: ToSchema>(mut self, description: &'static str) -> Self {
        let schema: Option<SchemaOf> = Some(schema_of::<T>);
        self.spec.successes.push(Success { status: 200, description, schema, list: false, lines: true });
        self
    }

    pub(crate) fn filtered(mut self, parameters: &'static [Parameter]) -> Self {
        self.spec.query.extend(parameters);
        self
    }

    /// The query parameters that have to be there.
    pub(crate) fn needs(mut self, names: &'static [&'static str]) -> Self {
        self.spec.needed = names;
        self
    }

    pub(crate) fn refuses(mut self, problems: &[&'static Kind]) -> Self {
        self.spec.problems.extend(problems);
        self
    }

    /// The variables of the path, where they are not the native `id`.
    pub(crate) fn in_path(mut self, variables: &'static [Parameter]) -> Self {
        self.spec.variables = variables;
        self
    }

    /// Query parameters a documented API carries a secret in. Nothing logs a query.
    pub(crate) fn secret_in_query(mut self, names: &'static [&'static str]) -> Self {
        self.spec.secrets = names;
        self
    }

    /// Belongs to this dialect.
    pub(crate) fn spoken(mut self, dialect: &'static Dialect) -> Self {
        self.spec.dialect = Some(dialect);
        self
    }

    /// Honours `Idempotency-Key`.
    pub(crate) fn idempotent(mut self) -> Self {
        self.spec.idempotent = true;
        self.refuses(&[&table::IDEMPOTENCY_MISMATCH])
    }

    /// Honours `If-Match`.
    pub(crate) fn conditional(mut self) -> Self {
        self.spec.conditional = true;
        self.refuses(&[&table::VERSION_MISMATCH])
    }

    /// Answers with an `ETag`.
    pub(crate) fn tagged(mut self) -> Self {
        self.spec.etag = true;
        self
    }
}

/// A route for GET and HEAD.
pub(crate) fn readable() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// Adds all operations, a resource a path.
pub(crate) fn register(endpoints: Vec<Endpoint>, table: &mut Paths) {
    let mut paths: BTreeMap<&'static str, Vec<(Method, Route)>> = BTreeMap::new();
    for endpoint in endpoints {
        paths.entry(endpoint.spec.path).or_default().push((endpoint.spec.method, endpoint.route));
    }
    for (path, routes) in paths {
        table.add(path, routes);
    }
}

/// Every path of the application with what answers there. Nothing is served but by this table, so that tests can walk
/// whatever is served (AUTHZ-1).
#[derive(Default)]
pub(crate) struct Paths(Vec<(String, Vec<(Method, Route)>)>);

impl Paths {
    /// Adds a path. A pattern with a variable has to come after the fixed paths it would hide.
    pub(crate) fn add(&mut self, path: &str, routes: Vec<(Method, Route)>) {
        self.0.push((path.to_owned(), routes));
    }

    /// Method and pattern of everything that is answered.
    pub(crate) fn list(&self) -> Vec<(String, String)> {
        let of = |(path, routes): &(String, Vec<(Method, Route)>)| {
            routes.iter().map(|(method, _)| (method.to_string(), path.clone())).collect::<Vec<_>>()
        };
        self.0.iter().flat_map(of).collect()
    }

    /// Registers every path: those asked for most, then the fixed ones, then the rest in the order they were added. The router
    /// tries one after the other, and a pattern with a variable costs it a regular expression.
    pub(crate) fn serve(mut self, mut operations: Operations, config: &mut ServiceConfig) {
        let rank = |path: &str| {
            let often = OFTEN.iter().position(|often| *often == path);
            often.unwrap_or(if path.contains('{') { OFTEN.len() + 1 } else { OFTEN.len() })
        };
        self.0.sort_by_key(|(path, _)| rank(path));
        for (path, routes) in self.0 {
            let routed = Routed::new(&path, operations.take(&path));
            resource(config, routed, routes);
        }
    }
}

/// The paths asked for most. The one with a variable hides no other.
pub(crate) const OFTEN: [&str; 6] = [
    "/v1/redemptions/preview",
    "/v1/redemptions",
    "/v1/invitations",
    "/v1/invitations/{id}",
    "/v1/redemptions/decline",
    "/v1/events",
];

/// Registers one path; any other method gets 405 with the methods there are.
fn resource(config: &mut ServiceConfig, at: Routed, routes: Vec<(Method, Route)>) {
    let mut methods: Vec<String> = routes.iter().map(|(method, _)| method.to_string()).collect();
    if methods.iter().any(|method| method == "GET") {
        methods.push("HEAD".to_owned());
    }
    methods.sort();
    let allow = methods.join(", ");
    let refuse = move || {
        let problem = crate::Problem::new(&table::METHOD_NOT_ALLOWED).allowing(allow.clone());
        async { Answer::Err(problem) }
    };
    let resource = web::resource(at.pattern()).default_service(web::to(refuse)).app_data(Rc::new(at));
    config.service(routes.into_iter().fold(resource, |resource, (_, route)| resource.route(route)));
}
