// Bluesky's own server, for the contract test: `node start.mjs FOLDER PLC_PORT PDS_PORT`, with @atproto/dev-env installed in FOLDER (install.sh).
// Prints one line of JSON once it serves. Ends when its standard input does, so that it never outlives who started it.
import { createRequire } from 'node:module'
import { resolve } from 'node:path'

const [folder, plcPort, pdsPort] = process.argv.slice(2)
const { TestNetworkNoAppView } = createRequire(resolve(folder, 'package.json'))('@atproto/dev-env')

const network = await TestNetworkNoAppView.create({ plc: { port: Number(plcPort) }, pds: { port: Number(pdsPort), rateLimitsEnabled: true } })
process.stdin.on('end', async () => {
  await network.close()
  process.exit(0)
})
process.stdin.resume()
process.stdout.write(JSON.stringify({ url: network.pds.url }) + '\n')
