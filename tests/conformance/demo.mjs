// The demo server under test, the people in it, and what every client asks of it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

export const url = process.env.CONFORMANCE_URL;

const accounts = JSON.parse(await readFile(process.env.CONFORMANCE_ACCOUNTS, "utf8"));

/** A demo volunteer as `signIn` wants one; each client takes its own. */
export function volunteer(nth) {
  const volunteers = accounts.filter(({ role }) => role === "VOLUNTEER");
  assert.ok(volunteers.length > nth, "the demo has volunteers");
  const { phone, password } = volunteers[nth];
  return { phone, password };
}

export const SIGN_IN = `
  mutation SignIn($input: SignInInput!) {
    signIn(input: $input) {
      accessToken
      refreshToken
      accessTokenExpiresAt
      userErrors { code message }
    }
  }`;

export const OPEN_TASKS = `
  query OpenTasks($after: String) {
    visitTasks(first: 5, after: $after, filter: { status: [OPEN] }) {
      totalCount
      edges { cursor node { id status version area { code name } } }
      pageInfo { hasNextPage endCursor }
    }
  }`;

export const CLAIM = `
  mutation Claim($input: ClaimVisitTaskInput!) {
    claimVisitTask(input: $input) {
      visitTask { id status version }
      userErrors { field code message }
    }
  }`;

export const RELEASE = `
  mutation Release($input: ReleaseVisitTaskInput!) {
    releaseVisitTask(input: $input) {
      visitTask { id status version }
      userErrors { field code message }
    }
  }`;

/** Asserts that a sign-in succeeded; returns its access token. */
export function signedIn({ accessToken, refreshToken, accessTokenExpiresAt, userErrors }) {
  assert.deepEqual(userErrors, []);
  assert.equal(accessToken.split(".").length, 3, "the access token is a JWT");
  assert.ok(refreshToken);
  assert.ok(Date.parse(accessTokenExpiresAt) > Date.now(), "the access token lives");
  return accessToken;
}

/** Asserts a page of open tasks; returns its nodes. */
export function openTasks({ totalCount, edges, pageInfo }) {
  assert.equal(edges.length, 5);
  assert.ok(totalCount >= 12, `a grid has a dozen open tasks, not ${totalCount}`);
  assert.equal(pageInfo.hasNextPage, true);
  assert.equal(pageInfo.endCursor, edges.at(-1).cursor);
  for (const { node } of edges) {
    assert.equal(node.status, "OPEN");
    assert.ok(node.area.code && node.area.name);
  }
  return edges.map(({ node }) => node);
}
