//! Many at once.

use super::Violation;
use std::{future::Future, sync::Arc};
use tokio::sync::Barrier;

/// Runs everything at once, each on a task of its own and all behind one barrier, and gives the answers in order.
pub(super) async fn at_once<T: Send + 'static>(
    tasks: Vec<impl Future<Output = T> + Send + 'static>,
) -> Result<Vec<T>, Violation> {
    let barrier = Arc::new(Barrier::new(tasks.len()));
    let spawn = |task| {
        let barrier = Arc::clone(&barrier);
        tokio::spawn(async move {
            barrier.wait().await;
            task.await
        })
    };
    let handles: Vec<_> = tasks.into_iter().map(spawn).collect();
    let mut answers = Vec::with_capacity(handles.len());
    for handle in handles {
        answers.push(handle.await.map_err(|error| Violation::new(format!("a task ended before its time: {error}")))?);
    }
    Ok(answers)
}
