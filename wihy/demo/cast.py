"""The people and places of the sample data: invented partners, campaigns, pages, destinations, browsers."""

from typing import NamedTuple


class Campaign(NamedTuple):
    """A campaign: how strong it is, the share of the period in which it runs, the page it leads to."""

    name: str
    weight: float
    begins: float = 0.0
    ends: float = 1.0
    landing_page: str | None = None


class Link(NamedTuple):
    """A saved link: whose it is, its campaign, the page it leads to, whether it is archived by now."""

    slug: str
    referrer: str
    campaign: str
    page: str
    archived: bool = False


# (tracking id, name), the strongest first
PARTNERS = (
    ("trailhead_weekly", "Trailhead Weekly"),
    ("lumen_podcast", "Lumen Podcast"),
    ("kesho_runners", "Kesho Runners"),
    ("mavuno_kitchen", "Mavuno Kitchen"),
    ("north_pier", "North Pier Studio"),
    ("solene_m", "Solène Marchetti"),
    ("radio_baobab", "Radio Baobab"),
    ("long_table", "Long Table Letters"),
    ("cafe_otero", "Café Otero"),
    ("hoshi_hikes", "Hoshi Hikes"),
    ("the_slow_commute", "The Slow Commute"),
    ("amara_okafor", "Amara Okafor"),
    ("fjord_and_fell", "Fjord & Fell"),
    ("casa_verde", "Casa Verde"),
    ("little_atlas", "Little Atlas"),
    ("nadia_runs", "Nadia Runs"),
    ("quiet_hours", "Quiet Hours"),
    ("studio_kintsugi", "Studio Kintsugi"),
    ("pedal_lisboa", "Pedal Lisboa"),
    ("hearth_and_rye", "Hearth & Rye"),
    ("sahel_sounds_club", "Sahel Sounds Club"),
    ("jonas_lindqvist", "Jonas Lindqvist"),
    ("monsoon_diaries", "Monsoon Diaries"),
    ("the_tin_kettle", "The Tin Kettle"),
    ("yara_haddad", "Yara Haddad"),
    ("copperline_cycles", "Copperline Cycles"),
    ("mesa_abierta", "Mesa Abierta"),
    ("polar_post", "Polar Post"),
    ("wanjiru_writes", "Wanjirũ Writes"),
    ("blue_hour_photo", "Blue Hour Photo"),
    ("gruenwald_garten", "Grünwald Garten"),
    ("hana_teahouse", "Hana Teahouse"),
    ("coastline_fm", "Coastline FM"),
    ("the_second_breakfast", "The Second Breakfast"),
    ("mateo_trails", "Mateo Trails"),
    ("paper_lantern", "Paper Lantern"),
    ("ile_de_pain", "Île de Pain"),
    ("zanzibar_zine", "Zanzibar Zine"),
    ("oak_and_iron", "Oak & Iron"),
    ("priya_packs", "Priya Packs"),
    ("nordlys_nights", "Nordlys Nights"),
    ("tomato_club", "Tomato Club"),
    ("elif_demir", "Elif Demir"),
    ("sunday_ramble", "Sunday Ramble"),
    ("kumara_coffee", "Kūmara Coffee"),
    ("the_map_room", "The Map Room"),
    ("lagos_after_work", "Lagos After Work"),
    ("velvet_ant", "Velvet Ant"),
    ("agnieszka_bakes", "Agnieszka Bakes"),
    ("fernweh_funk", "Fernweh-Funk"),
    ("rio_in_colour", "Rio in Colour"),
    ("stone_soup", "Stone Soup"),
    ("mina_and_the_sea", "Mina and the Sea"),
    ("high_desert_daily", "High Desert Daily"),
    ("tiny_orchard", "Tiny Orchard"),
    ("accra_makers", "Accra Makers"),
    ("night_train_notes", "Night Train Notes"),
    ("seoul_stroll", "Seoul Stroll"),
    ("the_good_flask", "The Good Flask"),
    ("baltic_bees", "Baltic Bees"),
)
SOURCES = ("instagram", "direct", "facebook", "google")  # ids that belong to no partner

CAMPAIGNS = (
    Campaign("autumn_launch", 5, begins=0.55, landing_page="/autumn"),
    Campaign("newsletter_footer", 4),
    Campaign("podcast_ep_42", 3, begins=0.30, landing_page="/stories/highlands"),
    Campaign("instagram_story", 2.5, landing_page="/"),
    Campaign("founders_ama", 1.2, begins=0.62, ends=0.80, landing_page="/about"),
    Campaign("summer_trails", 6, ends=0.50, landing_page="/stories/coast"),
    Campaign("back_to_school", 2.5, begins=0.08, ends=0.35, landing_page="/starter-kit"),
    Campaign("gift_guide", 3, begins=0.85, landing_page="/gift"),
    Campaign("link_in_bio", 2),
    Campaign("youtube_review", 1.5, begins=0.20, landing_page="/reviews"),
    Campaign("market_day_flyer", 0.8, landing_page="/"),
    Campaign("winter_preview", 1.5, begins=0.92, landing_page="/autumn"),
    Campaign("reader_offer_10", 1.4, begins=0.40, ends=0.75, landing_page="/pricing"),
    Campaign("race_weekend", 1.6, begins=0.45, ends=0.52, landing_page="/stories/highlands"),
    Campaign("spring_archive", 0.3),
    Campaign("direct", 1.5),
)
LINKS = (
    Link("trail-autumn", "trailhead_weekly", "autumn_launch", "/autumn"),
    Link("lumen-autumn", "lumen_podcast", "autumn_launch", "/autumn"),
    Link("kesho-autumn", "kesho_runners", "autumn_launch", "/autumn"),
    Link("bio-autumn", "instagram", "autumn_launch", "/autumn"),
    Link("mavuno-flyer", "mavuno_kitchen", "autumn_launch", "/", archived=True),
)
# (name, filters); the first one's link is shown at the start, the last one is revoked
SHARES: tuple[tuple[str, dict[str, str]], ...] = (
    ("Autumn launch, for the agency", {"campaign": "autumn_launch"}),
    ("Trailhead Weekly on Kickstarter", {"partner": "trailhead_weekly", "destination": "Kickstarter"}),
    ("Poster and podcast test", {"link": "lumen-autumn"}),
    ("Summer trails, final report", {"campaign": "summer_trails"}),
)
LANDING_PAGES = {
    "/": 22,
    "/autumn": 18,
    "/stories/highlands": 12,
    "/pricing": 10,
    "/gift": 6,
    "/about": 5,
    "/reviews": 4,
    "/starter-kit": 3,
    "/stories/coast": 3,
}
DESTINATIONS = {
    "https://www.kickstarter.com/projects/wihy/the-field-edition": 63,
    "https://www.instagram.com/wihy.ai/": 16,
    "https://www.youtube.com/@wihy": 9,
    "https://www.amazon.de/dp/B0WIHY0001": 4,
    "https://www.amazon.com/dp/B0WIHY0001": 2,
    "https://shop.kesho.example/wihy": 3,
    "https://www.tiktok.com/@wihy": 2,
    "https://www.linkedin.com/company/wihy": 1,
}
FIRST_SOURCES = {"direct": 4, "facebook_ad_autumn": 3, "instagram": 2, "google": 1}
BROWSERS = {
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.6 Mobile/15E148 Safari/604.1": 30,
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile "
    "Safari/537.36": 34,
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 "
    "Safari/537.36": 18,
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 "
    "Safari/605.1.15": 10,
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0": 5,
    "Mozilla/5.0 (Linux; Android 15; SAMSUNG SM-A556B) AppleWebKit/537.36 (KHTML, like Gecko) "
    "SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36": 7,
}
BOTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "WhatsApp/2.23.20.0",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
)
