-- What redeem.sql redeems: :each invitations for each of :clients clients, with the messages that brought them.
INSERT INTO invite_invitations
    (id, organization_id, recipient_kind, recipient_key, recipient_original, holder_key, live_key, state,
     declined_blocked, role_id, permissions, inviter_kind, inviter_id, authority_key, generation, version, key_id, nonce,
     grant_digest, code_index, max_uses, uses, created_at, generated_at, expires_at, lapse_due_at, reminder_due_at,
     channels, expiry_noted, suspension_noted)
SELECT
    lpad(to_hex(key), 32, '0')::uuid, :org::uuid, 'email', key::text || '@example.org', key::text || '@example.org',
    'email:' || key::text || '@example.org', 'email:' || key::text || '@example.org', 'pending', false, :role::uuid,
    '[]', 'api_key', :inviter::uuid, '\x00112233445566778899aabbccddeeff'::bytea, 1, 1, 1,
    '\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'::bytea,
    '\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'::bytea,
    decode(lpad(to_hex(key), 32, '0'), 'hex'), 1, 0, now(), now(), now() + interval '7 days', now() + interval '7 days',
    now() + interval '5 days', 'email', 0, 0
FROM generate_series(0, :clients::bigint - 1) AS client, generate_series(1, :each::bigint) AS n,
    LATERAL (SELECT :base::bigint + client * 1000000000 + n AS key) AS k;
-- The planner is to know them.
ANALYZE invite_invitations;
