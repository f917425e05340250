// What people do goes to the sandbox's controls, as tests and scripts use them.

/** Something that a person cannot do here; the message says why. */
export class Refused extends Error {}

/** Calls `POST /sandbox/<verb>`; gives its answer, or throws `Refused`. */
export async function control(verb, given = {}) {
  let response;
  try {
    response = await fetch(`/sandbox/${verb}`, { method: "POST", body: JSON.stringify(given) });
  } catch {
    throw new Refused("The sandbox does not answer. Is it still running?");
  }
  const answer = await response.json();
  if (!response.ok) throw new Refused(answer.refused ?? "The sandbox refused this.");
  return answer;
}
