//! The page `docs/reference/performance.md`.

use crate::{database::Postgres, figures::thousands, options::Options, report::Report, usage};
use invite_tests::Result;
use std::{fs, path::Path, thread};

const HEAD: &str = "\
# Performance

<!-- Written by the benchmark. To write it anew: just bench --write -->

Measured in one run, everything in turns with what it is compared with, on the machine below, with nothing else on it but the
load generator and the database. [ADR 0029](../adr/0029-what-a-benchmark-compares.md) says what is compared and why. A figure is the
median of its rounds; CPU-µs are the CPU time of all threads of the service, or of all processes of the database, by operation.
";

const SETTINGS: &str = "\
The service is a release build with its default settings (16 database connections), but limits are off, messages are queued and
not sent (`invite serve --no-worker`), and it logs warnings only. PostgreSQL waits for the disk at every commit.

```sh
just bench --write
```
";

/// What the machine is, in a sentence.
fn machine(postgres: &Postgres, options: &Options) -> Result<String> {
    let cores = thread::available_parallelism()?;
    let (memory, _) = usage::machine()?;
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease")?;
    Ok(format!(
        "{cores} cores, {:.0} GiB of memory, Linux {}, PostgreSQL {} with `fsync=on` and {} MiB of `shared_buffers`; \
         {} rounds of {} s; the large organisation has {} invitations.\n",
        memory / 1024.0,
        kernel.split(['-', '+']).next().unwrap_or_default().trim(),
        postgres.version,
        postgres.buffers,
        options.rounds,
        options.length.as_secs_f64(),
        thousands(options.large),
    ))
}

/// Writes the page.
pub(crate) fn write(postgres: &Postgres, options: &Options, report: &Report) -> Result<()> {
    let page = format!("{HEAD}\n{}\n{SETTINGS}\n## Targets\n\n{}", machine(postgres, options)?, report.markdown());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/performance.md");
    Ok(fs::write(path, page)?)
}
