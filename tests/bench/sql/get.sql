-- The least SQL of a look at one invitation: one row by its key, every column.
-- pgbench -M prepared -f get.sql -D org=… -D first=… -D last=…
\set number random(:first, :last)
SELECT * FROM invite_invitations WHERE organization_id = :org::uuid AND number = :number::bigint;
