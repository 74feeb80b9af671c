-- The least SQL of an issue, in one transaction: an invitation, its event, its message.
-- Each client counts for itself, so that ids ascend as the service's do.
-- (No colon may stand before a word: pgbench takes that for a variable, in a literal too.)
-- pgbench -M prepared -f issue.sql -D base=… -D n=0 -D org=… -D inviter=… -D role=…
\set n :n + 1
\set key :base + :client_id * 1000000000 + :n
BEGIN;
INSERT INTO invite_invitations
    (id, organization_id, recipient_kind, recipient_key, recipient_original, holder_key, live_key, state,
     declined_blocked, role_id, permissions, inviter_kind, inviter_id, authority_key, generation, version, key_id, nonce,
     grant_digest, code_index, max_uses, uses, created_at, generated_at, expires_at, lapse_due_at, reminder_due_at,
     channels, expiry_noted, suspension_noted)
VALUES
    (lpad(to_hex(:key::bigint), 32, '0')::uuid, :org::uuid, 'email', :key::text || '@example.org',
     :key::text || '@example.org', 'email:' || :key::text || '@example.org', 'email:' || :key::text || '@example.org',
     'pending', false, :role::uuid, '[]', 'api_key', :inviter::uuid, '\x00112233445566778899aabbccddeeff', 1, 1, 1,
     '\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff',
     '\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff',
     decode(lpad(to_hex(:key::bigint), 32, '0'), 'hex'), 1, 0, now(), now(), now() + interval '7 days',
     now() + interval '7 days', now() + interval '5 days', 'email', 0, 0);
INSERT INTO invite_events
    (organization_id, id, kind, invitation_id, sequence, actor_kind, actor_id, recorded_at, request_id, data, address)
VALUES
    (:org::uuid, lpad(to_hex(:key::bigint), 32, '0')::uuid, 'invitation.issued',
     lpad(to_hex(:key::bigint), 32, '0')::uuid, 1, 'api_key', :inviter::uuid, now(), :key::text,
     '{"permissions": [], "link_shown": false, "expires_at": "2026-12-01T000000.000000Z"}', '127.0.0.1');
INSERT INTO invite_messages
    (id, organization_id, invitation_id, generation, channel, state, attempts, created_at, next_attempt_at, available_at)
VALUES
    (lpad(to_hex(:key::bigint), 32, '0')::uuid, :org::uuid, lpad(to_hex(:key::bigint), 32, '0')::uuid, 1, 'email',
     'queued', 0, now(), now(), now());
COMMIT;
