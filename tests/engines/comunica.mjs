// Comunica against a service: node comunica.mjs http://127.0.0.1:8000; a line of JSON for each query, its name and what it found.
import { QueryEngine } from "@comunica/query-sparql";

const [address] = process.argv.slice(2);
const engine = new QueryEngine();
const endpoint = [{ type: "sparql", value: `${address}/sparql` }];
const ICS = "PREFIX ics: <https://w3id.org/icsgraph/def/> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>";
const BOARDS = `${ICS} SELECT (COUNT(*) AS ?n) { ?board a ics:IntegratedCareBoard }`;
const QMF = "<https://w3id.org/icsgraph/id/body/QMF>";

const rows = async (query, sources) => {
  const found = await (await engine.queryBindings(query, { sources })).toArray();
  return found.map((row) => Object.fromEntries([...row].map(([name, term]) => [name.value, term.value])));
};
const tell = (name, found) => console.log(JSON.stringify([name, found]));

tell("count", await rows(BOARDS, endpoint));
// The kind of source is found out by asking for the description of the service.
tell("detected", await rows(BOARDS, [`${address}/sparql`]));
tell("ask", await engine.queryBoolean(`${ICS} ASK { ${QMF} a ics:IntegratedCareBoard }`, { sources: endpoint }));
const graph = `${ICS} CONSTRUCT { ?b rdfs:label ?l } WHERE { ?b a ics:IntegratedCareBoard ; rdfs:label ?l }`;
tell("construct", (await (await engine.queryQuads(graph, { sources: endpoint })).toArray()).length);
// A thing's own document, by following its address here.
tell("document", await rows(`${ICS} SELECT ?l { ${QMF} rdfs:label ?l }`, [`${address}/doc/body/QMF`]));
