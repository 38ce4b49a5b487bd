import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { dumpSchema } from '../../scripts/dump-schema.ts';
import { findStale, generateFiles, writeFiles } from '../../scripts/generated-files.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const GENERATED = new URL('../../generated/', import.meta.url);

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

describe('dumpSchema', () => {
  it('shows the project without the tables of the migrator', async () => {
    const schema = await dumpSchema(database.db);
    expect(schema).toMatch(/^-- .*do not edit/);
    expect(schema).toContain('create table payment_intents (');
    expect(schema).not.toContain('knex_');
  });

  it('shows columns, constraints, indexes, comments, functions and triggers', async () => {
    await database.db.raw('drop schema public cascade; create schema public');
    await database.db.raw(`
      create table parents (id bigint generated always as identity primary key);
      create table things (
        parent_id bigint not null references parents (id),
        name text not null default 'none',
        size integer constraint things_size check (size > 0),
        area integer generated always as (size * size) stored,
        unique (name)
      );
      create index things_by_size on things (size) where size > 10;
      comment on table things is 'what''s there';
      comment on column things.size is 'in cm';
      create function refuse() returns trigger language plpgsql as 'begin return null; end';
      create trigger things_refuse before delete on things for each row execute function refuse()`);
    expect((await dumpSchema(database.db)).split('\n').slice(2).join('\n')).toBe(`create table parents (
  id bigint not null generated always as identity,
  constraint parents_pkey PRIMARY KEY (id)
);

create table things (
  parent_id bigint not null,
  name text not null default 'none'::text,
  size integer,
  area integer generated always as ((size * size)) stored,
  constraint things_name_key UNIQUE (name),
  constraint things_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES parents(id),
  constraint things_size CHECK (size > 0)
);
CREATE INDEX things_by_size ON public.things USING btree (size) WHERE (size > 10);
CREATE TRIGGER things_refuse BEFORE DELETE ON public.things FOR EACH ROW EXECUTE FUNCTION refuse();
comment on table things is 'what''s there';
comment on column things.size is 'in cm';

CREATE OR REPLACE FUNCTION public.refuse()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$begin return null; end$function$;
`);
  });
});

describe('generated/', () => {
  it('is what the contract and the migrations produce, the same each time', async () => {
    const files = await generateFiles(inject('databaseServerUrl'));
    expect(Object.keys(files)).toEqual(['openapi.d.ts', 'schema.sql']);
    expect(await findStale(GENERATED, files)).toEqual([]);
    expect(await generateFiles(inject('databaseServerUrl'))).toEqual(files);
  });

  it('leaves no scratch database behind', async () => {
    await generateFiles(inject('databaseServerUrl'));
    const { rows } = await database.db.raw(
      "select datname from pg_database where datname like 'pgw_generate_%'",
    );
    expect(rows).toEqual([]);
  });
});

describe('a folder of generated files', () => {
  const files = { 'a.sql': 'a', 'b.sql': 'b' };
  let path: string;
  let folder: URL;
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'mpac-pgw-generated-'));
    folder = pathToFileURL(`${path}/`);
  });
  afterEach(() => rm(path, { recursive: true }));

  it('is stale if a file is missing, changed or left over', async () => {
    await writeFile(join(path, 'a.sql'), 'changed');
    await writeFile(join(path, 'old.sql'), 'old');
    expect(await findStale(folder, files)).toEqual(['a.sql', 'b.sql', 'old.sql']);
  });

  it('is up to date after writing', async () => {
    await writeFile(join(path, 'a.sql'), 'changed');
    await writeFile(join(path, 'old.sql'), 'old');
    await writeFiles(folder, files);
    expect(await findStale(folder, files)).toEqual([]);
    expect(await readdir(path)).toEqual(['a.sql', 'b.sql']);
    expect(await readFile(join(path, 'b.sql'), 'utf8')).toBe('b');
  });
});
