// Every server audit of npm graphql-http, without and with a bearer token.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { serverAudits } from "graphql-http";
import { SIGN_IN, signedIn, url, volunteer } from "./demo.mjs";

async function token() {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: SIGN_IN, variables: { input: volunteer(0) } }),
  });
  return signedIn((await response.json()).data.signIn);
}

function audit(name, fetchFn) {
  describe(`audits ${name}`, () => {
    const counts = { passed: 0, failed: 0 };
    const audits = serverAudits({ url, fetchFn });
    test("are all 61", () => assert.equal(audits.length, 61));
    for (const { id, name, fn } of audits) {
      test(`${id} ${name}`, async () => {
        const { status, reason } = await fn();
        counts[status === "ok" ? "passed" : "failed"] += 1;
        // A recommendation that is not followed counts as a failure here.
        assert.equal(status, "ok", reason);
      });
    }
    after(() => console.log(`audits ${name}: ${counts.passed} passed, ${counts.failed} failed`));
  });
}

audit("without a token", fetch);

const authorization = `Bearer ${await token()}`;
audit("with a token", (target, init) => {
  const headers = new Headers(init?.headers);
  headers.set("authorization", authorization);
  return fetch(target, { ...init, headers });
});
