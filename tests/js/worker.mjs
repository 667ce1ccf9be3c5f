// Answers questions, one line of JSON each: runs a line of JavaScript as a front end would, with `supabase` on the address
// and the token of the question. postgrest-js is the part of supabase-js that speaks to PostgREST.
import { createInterface } from 'node:readline'
import { PostgrestClient } from '@supabase/postgrest-js'

const AsyncFunction = (async () => {}).constructor

for await (const question of createInterface({ input: process.stdin })) {
  const { url, token, line } = JSON.parse(question)
  const headers = token ? { Authorization: `Bearer ${token}` } : {}
  let answer
  try {
    const supabase = new PostgrestClient(url, { headers })
    const { status, data, count, error } = await new AsyncFunction('supabase', `return await ${line}`)(supabase)
    // an Error hides its message from JSON
    const told = error && { code: error.code, message: error.message, details: error.details, hint: error.hint }
    answer = { status, data, count, error: told }
  } catch (fault) {
    answer = { fault: String(fault) }
  }
  console.log(JSON.stringify(answer))
}
