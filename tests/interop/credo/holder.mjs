// A Credo wallet that takes every offer and answers every request. Invitation URLs come on standard input, one a line;
// what happens goes to standard output, one line each: READY, OFFER, STORED, REQUEST, SENT, DONE, FAILED reason.
// Usage: node holder.mjs PORT '{"did host": "local base URL", …}'
import { askar } from '@openwallet-foundation/askar-nodejs' // first: it registers the native library the rest bind to
import { anoncreds } from '@hyperledger/anoncreds-nodejs'
import readline from 'node:readline'
import { Agent, DidsModule, KeyDidResolver, PeerDidResolver } from '@credo-ts/core'
import { agentDependencies, DidCommHttpInboundTransport } from '@credo-ts/node'
import { AskarModule } from '@credo-ts/askar'
import {
  AnonCredsDidCommCredentialFormatService,
  AnonCredsDidCommProofFormatService,
  AnonCredsModule,
} from '@credo-ts/anoncreds'
import {
  DidCommAutoAcceptCredential,
  DidCommAutoAcceptProof,
  DidCommCredentialV2Protocol,
  DidCommHttpOutboundTransport,
  DidCommModule,
  DidCommProofV2Protocol,
} from '@credo-ts/didcomm'
import { WebVhAnonCredsRegistry, WebVhDidResolver } from '@credo-ts/webvh'

const [port, hosts] = [Number(process.argv[2]), JSON.parse(process.argv[3])]
const say = (...words) => console.log(words.join(' '))
const carefully = (what) => async (...given) => {
  try {
    await what(...given)
  } catch (error) {
    say('FAILED', error.message)
  }
}

// The one thing that is not as in production: the DID hosts' names lead to this machine.
const fetchOutside = globalThis.fetch
globalThis.fetch = (input, options) => {
  let url = typeof input === 'string' ? input : (input.url ?? String(input))
  for (const [host, base] of Object.entries(hosts)) url = url.replace(`https://${host}/`, `${base}/`)
  return fetchOutside(url, options)
}

const agent = new Agent({
  config: { allowInsecureHttpUrls: true },
  dependencies: { ...agentDependencies, fetch: globalThis.fetch },
  modules: {
    askar: new AskarModule({
      askar,
      store: { id: 'holder', key: 'only for this test', database: { type: 'sqlite', config: { inMemory: true } } },
    }),
    dids: new DidsModule({ resolvers: [new WebVhDidResolver(), new KeyDidResolver(), new PeerDidResolver()] }),
    anoncreds: new AnonCredsModule({ registries: [new WebVhAnonCredsRegistry()], anoncreds }),
    didcomm: new DidCommModule({
      endpoints: [`http://127.0.0.1:${port}`],
      transports: {
        inbound: [new DidCommHttpInboundTransport({ port })],
        outbound: [new DidCommHttpOutboundTransport()],
      },
      connections: { autoAcceptConnections: true },
      credentials: {
        autoAcceptCredentials: DidCommAutoAcceptCredential.Never,
        credentialProtocols: [
          new DidCommCredentialV2Protocol({ credentialFormats: [new AnonCredsDidCommCredentialFormatService()] }),
        ],
      },
      proofs: {
        autoAcceptProofs: DidCommAutoAcceptProof.Never,
        proofProtocols: [new DidCommProofV2Protocol({ proofFormats: [new AnonCredsDidCommProofFormatService()] })],
      },
    }),
  },
})
await agent.initialize()
const { credentials, oob, proofs } = agent.modules.didcomm

agent.events.on('DidCommCredentialStateChanged', carefully(async ({ payload }) => {
  const { id, state } = payload.credentialExchangeRecord
  if (state === 'offer-received') {
    say('OFFER')
    await credentials.acceptOffer({ credentialExchangeRecordId: id })
  }
  if (state === 'credential-received') {
    await credentials.acceptCredential({ credentialExchangeRecordId: id })
    say('STORED')
  }
}))

agent.events.on('DidCommProofStateChanged', carefully(async ({ payload }) => {
  const { id, state } = payload.proofRecord
  if (state === 'request-received') {
    say('REQUEST')
    const { proofFormats } = await proofs.selectCredentialsForRequest({ proofExchangeRecordId: id })
    await proofs.acceptRequest({ proofExchangeRecordId: id, proofFormats })
    say('SENT')
  }
  if (state === 'done') say('DONE')
}))

say('READY')
for await (const url of readline.createInterface({ input: process.stdin }))
  await carefully(() => oob.receiveInvitationFromUrl(url, { label: 'holder', reuseConnection: false }))()
process.exit(0)
