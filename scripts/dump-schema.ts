/**
 * Dumps the schema of a database as readable SQL, from its catalogs, so that reviewers see the effect of a migration.
 * Not for restoring; use pg_dump for that.
 */
import type { Knex } from 'knex';

const HEADER = '-- The schema after all migrations. Made by npm run generate; do not edit.\n';

/** The migrator's own tables, which are left out. */
const MIGRATOR_TABLES = ['knex_migrations', 'knex_migrations_lock'];

/** The keyword for each value of pg_attribute.attgenerated. */
const STORAGE: Readonly<Record<string, string>> = { s: ' stored', v: ' virtual' };

interface Column {
  readonly name: string;
  readonly type: string;
  readonly not_null: boolean;
  readonly fallback: string | null;
  readonly identity: string;
  readonly generated: string;
  readonly comment: string | null;
}

/** The tables and functions of the public schema, in a fixed order. */
export async function dumpSchema(db: Knex): Promise<string> {
  const tables = await select<{ name: string; comment: string | null }>(
    db,
    `select relname as name, obj_description(oid, 'pg_class') as comment from pg_class
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname <> all (?)
     order by relname collate "C"`,
    [MIGRATOR_TABLES],
  );
  const functions = await select<{ definition: string }>(
    db,
    `select pg_get_functiondef(oid) as definition from pg_proc
     where pronamespace = 'public'::regnamespace and prokind in ('f', 'p') order by proname collate "C", oid`,
  );
  const parts = [HEADER];
  for (const { name, comment } of tables) {
    parts.push(await dumpTable(db, name, comment));
  }
  for (const { definition } of functions) {
    parts.push(`${definition.trim()};\n`);
  }
  return parts.join('\n');
}

async function dumpTable(db: Knex, table: string, comment: string | null): Promise<string> {
  const columns = await select<Column>(
    db,
    `select attname as name, format_type(atttypid, atttypmod) as type, attnotnull as not_null,
            pg_get_expr(adbin, adrelid) as fallback, attidentity as identity, attgenerated as generated,
            col_description(attrelid, attnum) as comment
     from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
     where attrelid = ?::regclass and attnum > 0 and not attisdropped order by attnum`,
    [table],
  );
  const constraints = await select<{ name: string; definition: string }>(
    db,
    `select conname as name, pg_get_constraintdef(oid, true) as definition from pg_constraint
     where conrelid = ?::regclass and contype <> 'n' order by contype desc, conname collate "C"`,
    [table],
  );
  const lines = [
    ...columns.map(columnLine),
    ...constraints.map(({ name, definition }) => `  constraint ${name} ${definition}`),
  ];
  const extras = [
    ...(await dumpIndexes(db, table)),
    ...(await dumpTriggers(db, table)),
    ...commentLine(`table ${table}`, comment),
    ...columns.flatMap((column) => commentLine(`column ${table}.${column.name}`, column.comment)),
  ];
  const [partitioned] = await select<{ key: string | null }>(
    db,
    'select pg_get_partkeydef(?::regclass) as key',
    [table],
  );
  const partitions = partitioned?.key ? ` partition by ${partitioned.key}` : '';
  return `create table ${table} (\n${lines.join(',\n')}\n)${partitions};\n${extras.map((line) => `${line};\n`).join('')}`;
}

function columnLine({ name, type, not_null: isNotNull, fallback, identity, generated }: Column): string {
  const parts = [`  ${name} ${type}`];
  if (isNotNull) {
    parts.push('not null');
  }
  if (identity !== '') {
    parts.push(`generated ${identity === 'a' ? 'always' : 'by default'} as identity`);
  }
  if (fallback !== null) {
    parts.push(
      generated === ''
        ? `default ${fallback}`
        : `generated always as (${fallback})${STORAGE[generated] ?? ''}`,
    );
  }
  return parts.join(' ');
}

function commentLine(subject: string, comment: string | null): string[] {
  return comment === null ? [] : [`comment on ${subject} is '${comment.replaceAll("'", "''")}'`];
}

async function dumpIndexes(db: Knex, table: string): Promise<string[]> {
  const indexes = await select<{ definition: string }>(
    db,
    `select pg_get_indexdef(indexrelid) as definition from pg_index
     where indrelid = ?::regclass and not exists (select from pg_constraint where conindid = indexrelid)
     order by indexrelid::regclass::text collate "C"`,
    [table],
  );
  return indexes.map(({ definition }) => definition);
}

async function dumpTriggers(db: Knex, table: string): Promise<string[]> {
  const triggers = await select<{ definition: string }>(
    db,
    `select pg_get_triggerdef(oid) as definition from pg_trigger
     where tgrelid = ?::regclass and not tgisinternal order by tgname collate "C"`,
    [table],
  );
  return triggers.map(({ definition }) => definition);
}

async function select<Row>(db: Knex, sql: string, bindings: unknown[] = []): Promise<Row[]> {
  const { rows } = await db.raw<{ rows: Row[] }>(sql, bindings as Knex.RawBinding[]);
  return rows;
}
