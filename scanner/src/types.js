/**
 * Shapes shared by the modules of the scanner; types only. Times are ISO 8601 text where they come from the
 * server and milliseconds since 1970 where the page computes.
 *
 * @typedef {"kk" | "ru" | "en"} Language
 * @typedef {Record<Language, string>} Words one text in the three languages
 *
 * @typedef {object} Device the paired phone
 * @property {string} device
 * @property {string} token
 * @property {string | null} venue null: all venues
 * @property {string} name
 *
 * @typedef {object} Festival
 * @property {Words} name
 * @property {string} time_zone IANA name
 * @property {boolean} [training] the server allows the training clock
 *
 * @typedef {object} Hall
 * @property {string} code
 * @property {Words} name
 * @property {string} venue
 * @property {Words} venue_name
 *
 * @typedef {object} Screening
 * @property {string} code
 * @property {Words} title
 * @property {string} starts_at
 * @property {string} ends_at
 * @property {string} doors_open
 * @property {string} doors_close
 * @property {string} hall
 * @property {string} venue
 * @property {string} status
 * @property {string | null} age
 * @property {number} admitted
 * @property {number} capacity
 *
 * @typedef {object} SyncAnswer
 * @property {string} cursor
 * @property {string} server_time
 * @property {boolean} full
 * @property {Festival} festival
 * @property {Hall[]} halls
 * @property {Screening[]} screenings
 *
 * @typedef {object} Choice where the usher stands and what is shown there
 * @property {string} screening
 * @property {string} hall the hall at the moment of choosing
 * @property {string} gate
 *
 * @typedef {"in" | "out"} Direction
 *
 * @typedef {object} Scan one attempt; with `verdict` it is a final statement on the attempt of the same id
 * @property {string} id
 * @property {string} code
 * @property {string} screening
 * @property {string} hall where the phone stands, so that the server sees when the screening has moved
 * @property {string} at
 * @property {number} seq
 * @property {boolean} offline
 * @property {Direction} direction
 * @property {string} gate
 * @property {"admit" | "refuse"} [verdict]
 * @property {string} [reason]
 *
 * @typedef {object} TicketShown
 * @property {string} ticket
 * @property {string} place
 * @property {string | null} [section]
 * @property {string | number | null} [row]
 * @property {string | number | null} [number]
 * @property {string | null} [band]
 * @property {string | null} [concession]
 * @property {string} [screening]
 *
 * @typedef {object} Redirect
 * @property {string} screening
 * @property {Words} title
 * @property {string} starts_at
 * @property {string} hall
 * @property {Words} hall_name
 * @property {string} venue
 * @property {Words} venue_name
 * @property {number | null} [minutes]
 *
 * @typedef {object} Occupancy
 * @property {number} admitted
 * @property {number} capacity
 *
 * @typedef {object} Answer the server's answer to one scan
 * @property {string} id
 * @property {string} [stored]
 * @property {string} verdict
 * @property {string} reason
 * @property {TicketShown | null} [ticket]
 * @property {string[]} [attention]
 * @property {string | null} [since]
 * @property {string | null} [since_gate]
 * @property {string | null} [since_device] the device's id
 * @property {Redirect | null} [redirect]
 * @property {Occupancy | null} [occupancy]
 */

export {};
