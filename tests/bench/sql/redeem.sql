-- The least SQL of a redemption, in one transaction: a guarded update, an account, its membership, an event, a message.
-- Each client redeems the invitations that redeem-prepare.sql made for it, one after the other.
-- pgbench -M prepared -f redeem.sql -D base=… -D n=0 -D org=… -D role=…
\set n :n + 1
\set key :base + :client_id * 1000000000 + :n
BEGIN;
UPDATE invite_invitations
SET state = 'redeemed', uses = uses + 1, version = version + 1, ended_at = now(), live_key = NULL, nonce = NULL,
    code_index = NULL, lapse_due_at = NULL, reminder_due_at = NULL
WHERE organization_id = :org::uuid AND id = lpad(to_hex(:key::bigint), 32, '0')::uuid AND state = 'pending'
    AND version = 1 AND expires_at > now();
INSERT INTO invite_accounts (id, address, address_key, email_verified, name, created_at, version)
VALUES
    (lpad(to_hex(:key::bigint), 32, '0')::uuid, :key::text || '@example.org', :key::text || '@example.org', true,
     'Ada Lovelace', now(), 1);
INSERT INTO invite_memberships (id, organization_id, account_id, role_id, permissions, active, created_at, version)
VALUES
    (lpad(to_hex(:key::bigint), 32, '0')::uuid, :org::uuid, lpad(to_hex(:key::bigint), 32, '0')::uuid, :role::uuid, '[]',
     true, now(), 1);
INSERT INTO invite_events
    (organization_id, id, kind, invitation_id, membership_id, sequence, actor_kind, actor_id, recorded_at, request_id,
     data, address)
VALUES
    (:org::uuid, lpad(to_hex(:key::bigint), 32, '0')::uuid, 'invitation.redeemed',
     lpad(to_hex(:key::bigint), 32, '0')::uuid, lpad(to_hex(:key::bigint), 32, '0')::uuid, 2, 'account',
     lpad(to_hex(:key::bigint), 32, '0')::uuid, now(), :key::text, '{"mailbox_proven": true}', '127.0.0.1');
INSERT INTO invite_messages
    (id, organization_id, invitation_id, generation, channel, state, attempts, created_at, next_attempt_at, available_at)
VALUES
    (lpad(to_hex(:key::bigint), 32, '0')::uuid, :org::uuid, lpad(to_hex(:key::bigint), 32, '0')::uuid, 1, 'email',
     'queued', 0, now(), now(), now());
COMMIT;
