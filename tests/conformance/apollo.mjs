// A volunteer's day in Apollo Client: sign in, list, claim, claim again, release.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { ApolloClient, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { CLAIM, OPEN_TASKS, RELEASE, SIGN_IN, openTasks, signedIn, url, volunteer } from "./demo.mjs";

const headers = { "accept-language": "en" };
const client = new ApolloClient({ cache: new InMemoryCache(), link: new HttpLink({ uri: url, headers }) });

async function change(mutation, input) {
  const { data } = await client.mutate({ mutation: gql(mutation), variables: { input } });
  return Object.values(data)[0];
}

/** What the cache holds of a task, which it finds by type and id. */
function cached({ id }) {
  const fragment = gql`fragment Known on VisitTask { status version }`;
  return client.readFragment({ fragment, id: client.cache.identify({ __typename: "VisitTask", id }) });
}

test("Apollo Client: a volunteer's day", async (t) => {
  await t.test("signs in", async () => {
    headers.authorization = `Bearer ${signedIn(await change(SIGN_IN, volunteer(0)))}`;
  });

  let task;
  await t.test("lists open tasks, two pages without overlap", async () => {
    const page = async (after) =>
      (await client.query({ query: gql(OPEN_TASKS), variables: { after } })).data.visitTasks;
    const first = await page(null);
    const second = await page(first.pageInfo.endCursor);
    const ids = [...openTasks(first), ...openTasks(second)].map(({ id }) => id);
    assert.equal(new Set(ids).size, 10);
    task = first.edges[0].node;
  });

  const input = () => ({ visitTaskId: task.id, expectedVersion: task.version, idempotencyKey });
  const idempotencyKey = randomUUID();
  let claimed;
  await t.test("claims one, and its cache knows", async () => {
    claimed = await change(CLAIM, input());
    assert.deepEqual(claimed.userErrors, []);
    assert.equal(claimed.visitTask.id, task.id);
    assert.equal(claimed.visitTask.status, "CLAIMED");
    assert.equal(cached(task).status, "CLAIMED");
  });

  await t.test("claims it again under the same key, with the same outcome", async () => {
    assert.deepEqual(await change(CLAIM, input()), claimed);
  });

  await t.test("releases it", async () => {
    const release = { visitTaskId: task.id, reason: "临时有事", idempotencyKey: randomUUID() };
    const released = await change(RELEASE, release);
    assert.deepEqual(released.userErrors, []);
    assert.equal(released.visitTask.status, "OPEN");
    assert.equal(cached(task).status, "OPEN");
  });

  await t.test("is told a refusal with code and message", async () => {
    const refused = await change(CLAIM, { ...input(), visitTaskId: "nonsense", idempotencyKey: randomUUID() });
    assert.equal(refused.visitTask, null);
    assert.equal(refused.userErrors.length, 1);
    assert.equal(refused.userErrors[0].code, "NOT_FOUND");
    assert.ok(refused.userErrors[0].message);
  });

  await t.test("gets a request error as such", async () => {
    const query = gql`{ visitTasks(first: -1) { edges { cursor } } }`;
    await assert.rejects(client.query({ query }), (error) => {
      assert.ok(CombinedGraphQLErrors.is(error), String(error));
      assert.deepEqual(error.errors.map(({ extensions }) => extensions.code), ["BAD_USER_INPUT"]);
      return true;
    });
  });
});
