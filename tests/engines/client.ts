// A client of the types that were made from the description: node client.js http://127.0.0.1:8000
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

const api = createClient<paths, "application/json">({ baseUrl: process.argv[2] });
const dentistry = { function: "dentist", area: "QMF", as_at: "2023-06-01" };

const { data, error } = await api.GET("/ask/who-is-liable-for", { params: { query: dentistry } });
if (!data) throw new Error(JSON.stringify(error));
const status: components["schemas"]["Status"] = data.status;
const law = data.statements.flatMap((statement) => statement.passages.map((passage) => passage.url));
const changed = await api.GET("/ask/what-became-of", { params: { query: { body: "QNQ" } } });
const shares = changed.data?.rows.map((row) => [row.successor?.code, row.share]) ?? [];
const refused = await api.GET("/ask/who-is-liable-for", { params: { query: { function: "no such thing" } } });
// The library types errors of other media by their media type.
const problem = refused.error as unknown as components["schemas"]["Problem"];
const health = await api.GET("/health");
const found = await api.GET("/find", { params: { query: { what: "who pays for dentists", where: "Newham" } } });

console.log(
  JSON.stringify({
    status,
    says: data.says,
    bodies: data.rows.map((row) => row.body?.code),
    law: law.filter((url) => url.startsWith("http://www.legislation.gov.uk/id/")).length,
    shares,
    refused: [refused.response.status, problem.parameter],
    questions: health.data?.questions,
    understood: (found.data?.choices.length ?? 0) > 0 || found.data?.decided != null,
  }),
);
