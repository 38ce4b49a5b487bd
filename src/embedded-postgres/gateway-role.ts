/**
 * The role that the gateway connects as. It owns its database and has no other privileges. A superuser can read files and
 * run programs, so the superuser is used only during start-up.
 */
import pg from 'pg';
import { sha256Hex } from '../lib/hash.ts';

const ROLE = 'pgw_gateway';
/** Arbitrary, but fixed. Locked while the role is set up, because several processes may start at once. */
const LOCK_ID = 7_263_004;

/** Makes the role the owner of what an earlier version created as the superuser. Identity sequences follow their table. */
const TAKE_OVER = `
do $$
declare name text;
begin
  for name in
    select format('table %s', c.oid::regclass) from pg_class c
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm') and relowner <> '${ROLE}'::regrole
    union all
    select format('routine %s', p.oid::regprocedure) from pg_proc p
    where pronamespace = 'public'::regnamespace and proowner <> '${ROLE}'::regrole
  loop
    execute format('alter %s owner to ${ROLE}', name);
  end loop;
end $$`;

/** The name and password of the role. The password is derived from the superuser's. */
export function gatewayRole(superuserPassword: string): { readonly name: string; readonly password: string } {
  return { name: ROLE, password: sha256Hex(`${ROLE} ${superuserPassword}`) };
}

/**
 * Creates the role unless it exists, and makes it the owner of the database and everything in it.
 * @param adminUrl connects to the database as the superuser
 */
export async function ensureGatewayRole(adminUrl: string, superuserPassword: string): Promise<void> {
  const { password } = gatewayRole(superuserPassword);
  const database = decodeURIComponent(new URL(adminUrl).pathname.slice(1));
  const client = new pg.Client({ connectionString: adminUrl, application_name: 'mpac-pgw start' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(`select pg_advisory_lock(${LOCK_ID})`);
    const { rows } = await client.query('select 1 from pg_roles where rolname = $1', [ROLE]);
    if (rows.length === 0) {
      await client.query(`create role ${ROLE} login password '${password}'`);
    }
    await client.query(`alter database ${database} owner to ${ROLE}`);
    await client.query(TAKE_OVER);
  } finally {
    await client.end();
  }
}
