//! What belongs to a path: what reading its requests takes to know, and how often it was asked for what.

use crate::{
    counted::Several,
    dialect::Dialect,
    endpoint::{Access, Endpoint},
};
use actix_web::{HttpRequest, http::Method};
use std::{collections::HashMap, rc::Rc, time::Duration};

/// What reading a request's query needs to know of its operation.
#[derive(Clone, Copy, Default)]
pub(crate) struct Known<'a> {
    pub(crate) names: &'a [&'static str],
    pub(crate) secrets: &'static [&'static str],
    pub(crate) dialect: Option<&'static Dialect>,
    /// Whether it is for anybody, and counted by where it comes from.
    pub(crate) public: bool,
}

struct Entry {
    names: Vec<&'static str>,
    secrets: &'static [&'static str],
    dialect: Option<&'static Dialect>,
    public: bool,
}

/// What reading the requests of a path's operations needs to know.
#[derive(Default)]
pub(crate) struct PathOperations(Vec<(Method, Entry)>);

/// The same of every path.
pub(crate) struct Operations(HashMap<&'static str, PathOperations>);

impl Operations {
    pub(crate) fn new(endpoints: &[Endpoint]) -> Self {
        let mut paths: HashMap<_, PathOperations> = HashMap::new();
        for Endpoint { spec, .. } in endpoints {
            let names = spec.query.iter().map(|parameter| parameter.name).collect();
            let public = spec.access == Access::Public && spec.is_counted();
            let entry = Entry { names, secrets: spec.secrets, dialect: spec.dialect, public };
            paths.entry(spec.path).or_default().0.push((spec.method.clone(), entry));
        }
        Self(paths)
    }

    /// Those of one path: none, where it has no documented operation.
    pub(crate) fn take(&mut self, pattern: &str) -> PathOperations {
        self.0.remove(pattern).unwrap_or_default()
    }
}

/// One path of a worker's application. It is found by the request that was routed to it, without looking for its pattern again.
pub(crate) struct Routed {
    pattern: String,
    operations: PathOperations,
    answers: Several,
}

impl Routed {
    pub(crate) fn new(pattern: &str, operations: PathOperations) -> Self {
        Self { pattern: pattern.to_owned(), operations, answers: Several::default() }
    }

    /// Where a request was routed to; `None` before that, and where there is no such path.
    pub(crate) fn of(request: &HttpRequest) -> Option<&Self> {
        request.app_data::<Rc<Self>>().map(AsRef::as_ref)
    }

    pub(crate) fn pattern(&self) -> &str {
        &self.pattern
    }

    pub(crate) fn known(&self, method: &Method) -> Known<'_> {
        let method = if *method == Method::HEAD { &Method::GET } else { method };
        let entry = self.operations.0.iter().find(|(own, _)| own == method);
        entry.map_or_else(Known::default, |(_, entry)| Known {
            names: &entry.names,
            secrets: entry.secrets,
            dialect: entry.dialect,
            public: entry.public,
        })
    }

    /// Counts an answer.
    pub(crate) fn count(&self, method: &str, status: u16, took: Duration) {
        self.answers.count(method, &self.pattern, status, took);
    }
}
