// What a Node team would write for speed: undici-send.mjs URL TOKEN FILE CONCURRENCY
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { Pool } from 'undici'

const [url, token, file, concurrency] = process.argv.slice(2)
const { origin, pathname } = new URL(url)
const pool = new Pool(origin, { connections: Number(concurrency), pipelining: 1 })
const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
const lines = createInterface({ input: createReadStream(file) })[Symbol.asyncIterator]()
await lines.next() // the header
let success = 0
let error = 0

async function worker () {
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    const [referenceid, ackno] = line.value.split(',')
    const body = JSON.stringify({ referenceid: Number(referenceid), ackno: Number(ackno) })
    const answer = await pool.request({ path: pathname, method: 'POST', headers, body })
    const { response_code: code } = await answer.body.json()
    code === 1 ? success++ : error++
  }
}

await Promise.all(Array.from({ length: Number(concurrency) }, worker))
await pool.close()
console.log('success', success, 'error', error)
