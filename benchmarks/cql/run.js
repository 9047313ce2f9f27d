// Bundles, one a line, through lupus.elm.json: how much processor time it took, and for how many each definition holds.
"use strict";
const { readFileSync } = require("node:fs");
const cql = require("cql-execution");
const fhir = require("cql-exec-fhir");

const [elm, sets, lines, warm] = process.argv.slice(2);
const parsed = (path) => JSON.parse(readFileSync(path, "utf8"));
const library = new cql.Library(parsed(elm));
const codes = new cql.CodeService(parsed(sets).valueSets);
const parameters = { "As of": cql.Date.parse(parsed(sets).asOf) };
const texts = readFileSync(lines, "utf8").split("\n").filter(Boolean);
const TOGETHER = 10; // patients handed over at a time

async function round(texts) {
  const found = {};
  let seconds = 0;
  for (let at = 0; at < texts.length; at += TOGETHER) {
    const bundles = texts.slice(at, at + TOGETHER).map((text) => JSON.parse(text)); // not timed
    const began = process.cpuUsage();
    const source = fhir.PatientSource.FHIRv401();
    source.loadBundles(bundles);
    const results = await new cql.Executor(library, codes, parameters).exec(source);
    const used = process.cpuUsage(began);
    seconds += (used.user + used.system) / 1e6;
    for (const one of Object.values(results.patientResults)) {
      for (const [name, holds] of Object.entries(one)) if (name !== "Patient") found[name] = (found[name] || 0) + (holds === true);
    }
  }
  return { seconds, found };
}

round(texts.slice(0, Number(warm)))
  .then(() => round(texts))
  .then((told) => console.log(JSON.stringify(told)));
