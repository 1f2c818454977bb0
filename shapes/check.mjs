// Another SHACL engine over files: node check.mjs SHAPES DATA... prints each result as a line of JSON; ends with 1 where there is one.
import { readFileSync } from 'node:fs'
import { DataFactory, Parser, Store } from 'n3'
import { Validator } from 'shacl-engine'
import { validations } from 'shacl-engine/sparql.js'

// Nodes without a name are told apart by file.
const read = names => new Store(names.flatMap((name, number) => new Parser({ blankNodePrefix: `f${number}_` }).parse(readFileSync(name, 'utf8'))))
const [shapes, ...data] = process.argv.slice(2)
const validator = new Validator(read([shapes]), { factory: DataFactory, validations })
const { conforms, results } = await validator.validate({ dataset: read(data) })
for (const { shape, focusNode, message } of results) {
  console.log(JSON.stringify({ shape: shape.ptr.value, focus: focusNode.value, message: message.map(m => m.value).join(' ') }))
}
process.exitCode = conforms ? 0 : 1
