// urql sends short queries by GET and its own Accept header: signing in, listing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, fetchExchange } from "@urql/core";
import { OPEN_TASKS, SIGN_IN, openTasks, signedIn, url, volunteer } from "./demo.mjs";

const headers = {};

for (const preferGetMethod of [false, "force"]) {
  test(`urql lists open tasks, by ${preferGetMethod ? "GET" : "POST"}`, async () => {
    const client = new Client({ url, preferGetMethod, exchanges: [fetchExchange], fetchOptions: { headers } });
    const signIn = await client.mutation(SIGN_IN, { input: volunteer(1) });
    assert.equal(signIn.error, undefined);
    headers.authorization = `Bearer ${signedIn(signIn.data.signIn)}`;

    const list = await client.query(OPEN_TASKS, { after: null });
    assert.equal(list.error, undefined);
    openTasks(list.data.visitTasks);
  });
}
