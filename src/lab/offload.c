/* Turning off a device's offload: the ethtool ioctl, which wants the feature's number in this kernel first. */
#include "lab/device.h"
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FEATURES = 256 };

struct names { /* struct ethtool_gstrings, with room */
	uint32_t command, set, count;
	char name[FEATURES][ETH_GSTRING_LEN];
};
struct counts { /* struct ethtool_sset_info, with room for one */
	uint32_t command, reserved;
	uint64_t mask;
	uint32_t count;
};
struct changes { /* struct ethtool_sfeatures, with room */
	uint32_t command, blocks;
	struct ethtool_set_features_block block[FEATURES / 32];
};

static int ethtool(int fd, const char *device, void *data)
{
	struct ifreq request = {.ifr_data = data};

	snprintf(request.ifr_name, sizeof request.ifr_name, "%s", device);
	return ioctl(fd, SIOCETHTOOL, &request) < 0 ? -errno : 0;
}

static int features_count(int fd, const char *device, uint32_t *ret)
{
	struct counts counts = {.command = ETHTOOL_GSSET_INFO, .mask = 1ull << ETH_SS_FEATURES};
	int code = ethtool(fd, device, &counts);

	*ret = counts.count;
	return code ? code : counts.count > FEATURES ? -E2BIG : 0;
}

static int feature_index(int fd, const char *device, const char *feature, uint32_t count)
{
	struct names names = {.command = ETHTOOL_GSTRINGS, .set = ETH_SS_FEATURES, .count = count};
	int code = ethtool(fd, device, &names);

	if (code)
		return code;
	for (uint32_t i = 0; i < count; i++)
		if (!strncmp(names.name[i], feature, ETH_GSTRING_LEN))
			return (int)i;
	return -ENOENT;
}

static int feature_disable(int fd, const char *device, const char *feature)
{
	struct changes changes = {.command = ETHTOOL_SFEATURES};
	uint32_t count;
	int code = features_count(fd, device, &count), index;

	if (code)
		return code;
	index = feature_index(fd, device, feature, count);
	if (index < 0)
		return index;
	changes.blocks = (count + 31) / 32;
	changes.block[index / 32].valid = 1u << index % 32;
	return ethtool(fd, device, &changes);
}

int device_disable_feature(const char *name, const char *feature)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), code;

	if (fd < 0)
		return -errno;
	code = feature_disable(fd, name, feature);
	close(fd);
	return code;
}
