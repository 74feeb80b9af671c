//! What stands before several replicas: every connection goes to the next one.

use crate::{Failure, Result};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncWriteExt as _, copy},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::{JoinHandle, JoinSet},
    time::timeout,
};

/// How long connections have to end once the replicas have.
const REST: Duration = Duration::from_secs(10);

/// A front that runs. Dropped, it ends at once, with all connections.
pub(super) struct Front {
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Front {
    /// Listens there, and gives each connection to the next of the replicas that takes it.
    pub(super) async fn start(address: SocketAddr, replicas: Vec<SocketAddr>) -> Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let (stop, stopped) = oneshot::channel();
        Ok(Self { stop: Some(stop), task: tokio::spawn(serve(listener, replicas, stopped)) })
    }

    /// Closes the door and lets the connections end: what a replica has written reaches its client.
    pub(super) async fn stop(&mut self) -> Result<()> {
        if let Some(stop) = self.stop.take() {
            // A front that is gone already needs no word.
            let _ = stop.send(());
            let ended = timeout(REST, &mut self.task).await;
            ended.map_err(|_| Failure::new("a connection through the front did not end"))??;
        }
        Ok(())
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, replicas: Vec<SocketAddr>, mut stopped: oneshot::Receiver<()>) {
    let mut connections = JoinSet::new();
    let mut turn = 0_usize;
    loop {
        let accepted = tokio::select! {
            _ = &mut stopped => break,
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
        };
        let Ok((client, _)) = accepted else { continue };
        let start = turn % replicas.len();
        turn = turn.wrapping_add(1);
        let order = [&replicas[start..], &replicas[..start]].concat();
        connections.spawn(async move {
            // With none left the connection ends without an answer, as that of a single process would be refused.
            if let Some(replica) = first_that_listens(&order).await {
                join(client, replica).await;
            }
        });
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn first_that_listens(replicas: &[SocketAddr]) -> Option<TcpStream> {
    for replica in replicas {
        if let Ok(stream) = TcpStream::connect(replica).await {
            return Some(stream);
        }
    }
    None
}

/// Carries bytes both ways until the replica has said its last one.
async fn join(mut client: TcpStream, mut replica: TcpStream) {
    // Small pieces are not held back: the front must not be what a test measures.
    let _ = (client.set_nodelay(true), replica.set_nodelay(true));
    let (mut from_client, mut to_client) = client.split();
    let (mut from_replica, mut to_replica) = replica.split();
    let up = async {
        // However the client ended, the replica learns that nothing more comes.
        let _ = copy(&mut from_client, &mut to_replica).await;
        let _ = to_replica.shutdown().await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        _ = copy(&mut from_replica, &mut to_client) => {
            let _ = to_client.shutdown().await;
        }
        () = up => {}
    }
}
