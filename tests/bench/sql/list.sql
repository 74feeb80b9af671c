-- A page of 50 with every column the answer prints, its roles, inviters, deliveries and last redemptions, in one statement.
-- The benchmark puts a column, a comparison and a direction in the places of COLUMN, AFTER and DIRECTION.
SELECT i.id, i.number, i.recipient_kind, i.recipient_original, i.subject_id, i.state, i.ended_at, i.permissions,
    i.default_rate, i.metadata, i.inviter_kind, i.inviter_id, i.generation, i.version, i.max_uses, i.uses, i.created_at,
    i.generated_at, i.expires_at, i.message, i.locale, i.redirect_url, i.channels, i.batch_id, i.revoked_by_kind,
    i.revoked_by_id, i.revoke_reason, i.declined_blocked, r.id AS role_id, r.number AS role_number, r.name AS role_name,
    k.name AS inviter_name, d.channel, d.state AS delivery_state, d.reason, d.at, d.attempts, d.next_attempt_at,
    x.id AS redemption_id, x.account_id, x.membership_id, x.redeemed_at
FROM invite_invitations i
LEFT JOIN invite_roles r ON r.organization_id = i.organization_id AND r.id = i.role_id
LEFT JOIN invite_api_keys k ON k.organization_id = i.organization_id AND k.id = i.inviter_id
LEFT JOIN LATERAL (
    SELECT DISTINCT ON (m.channel) m.channel, m.state, m.reason, COALESCE(m.settled_at, m.created_at) AS at, m.attempts,
        m.next_attempt_at
    FROM invite_messages m
    WHERE m.organization_id = i.organization_id AND m.invitation_id = i.id AND m.about IS NULL
    ORDER BY m.channel, m.created_at DESC, m.id DESC
) d ON true
LEFT JOIN LATERAL (
    SELECT e.id, e.account_id, e.membership_id, e.redeemed_at
    FROM invite_redemptions e
    WHERE i.uses > 0 AND e.organization_id = i.organization_id AND e.invitation_id = i.id
    ORDER BY e.redeemed_at DESC, e.id DESC
    LIMIT 1
) x ON true
WHERE i.organization_id = :org::uuid AFTER
ORDER BY i.COLUMN DIRECTION, i.id DIRECTION
LIMIT 50;
