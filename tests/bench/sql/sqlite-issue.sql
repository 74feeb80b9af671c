-- The least SQL of an issue on SQLite: an invitation, its event, its message. The benchmark puts BEGIN IMMEDIATE and COMMIT
-- around. ?1 is the id of all three, ?2 the organisation, ?3 the inviter, ?4 the role, ?5 the address.
INSERT INTO invite_invitations
    (id, organization_id, recipient_kind, recipient_key, recipient_original, holder_key, live_key, state,
     declined_blocked, role_id, permissions, inviter_kind, inviter_id, authority_key, generation, version, key_id, nonce,
     grant_digest, code_index, max_uses, uses, created_at, generated_at, expires_at, lapse_due_at, reminder_due_at,
     channels, expiry_noted, suspension_noted)
VALUES
    (?1, ?2, 'email', ?5, ?5, 'email:' || ?5, 'email:' || ?5, 'pending', 0, ?4, '[]', 'api_key', ?3, zeroblob(16), 1, 1, 1,
     zeroblob(32), zeroblob(32), ?1, 1, 0, '2026-11-22T12:00:00.000000+00:00', '2026-11-22T12:00:00.000000+00:00',
     '2026-11-29T12:00:00.000000+00:00', '2026-11-29T12:00:00.000000+00:00', '2026-11-27T12:00:00.000000+00:00', 'email', 0, 0);
INSERT INTO invite_events
    (organization_id, id, kind, invitation_id, sequence, actor_kind, actor_id, recorded_at, request_id, data, address)
VALUES
    (?2, ?1, 'invitation.issued', ?1, 1, 'api_key', ?3, '2026-11-22T12:00:00.000000+00:00', ?5,
     '{"permissions":[],"link_shown":false,"expires_at":"2026-11-29T12:00:00.000000Z"}', '127.0.0.1');
INSERT INTO invite_messages
    (id, organization_id, invitation_id, generation, channel, state, attempts, created_at, next_attempt_at, available_at)
VALUES
    (?1, ?2, ?1, 1, 'email', 'queued', 0, '2026-11-22T12:00:00.000000+00:00', '2026-11-22T12:00:00.000000+00:00',
     '2026-11-22T12:00:00.000000+00:00');
