import { z } from 'zod'
import { lazily } from '../lazily.ts'
import { jsonObject } from '../values.ts'

/** The question of an approve step to a person, with the values to look at. */
export const asked = lazily(() =>
  z
    .object({
      question: z.string(),
      show: z.array(z.object({ reference: z.string(), value: z.json() })),
      verdicts: z.array(z.string()),
      /** A person chooses one of these items, as {"item": KEY} in the metadata; null where nothing is chosen. */
      choose: z.array(z.object({ key: z.string(), summary: z.string().nullable() })).nullable(),
      /** The list that may be edited, with the JSON Schema of the whole list; null where there is none. */
      edit: z.object({ name: z.string(), schema: jsonObject(), list: z.array(z.json()) }).nullable(),
      /** The form to fill in, as a JSON Schema, with the first values of its fields; null where there is none. */
      form: z.object({ schema: jsonObject(), values: jsonObject() }).nullable(),
    })
    .meta({ id: 'Asked' }),
)
